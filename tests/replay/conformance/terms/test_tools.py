"""What results say about tools, as the specification has it or not."""

import pytest

from wiretape.replay.conformance.terms.tools import texts, tools


def test_tools_are_found_by_their_names() -> None:
    one, two = {"name": "one"}, {"name": "two", "title": "Two"}
    assert tools({"tools": [one, two]}) == {"one": one, "two": two}


def test_texts_stand_in_their_order() -> None:
    content = [{"type": "text", "text": "a"}, {"type": "image", "data": ""}, {"text": "b"}]
    assert texts({"content": content}) == ["a", "b"]


@pytest.mark.parametrize(
    "odd", [None, 1, "tools", {"name": "x"}, [1], [["name"]], [{}], [{"name": ["x"], "text": 1}]]
)
def test_what_is_otherwise_is_left_out(odd: object) -> None:
    assert tools({"tools": odd}) == {}
    assert texts({"content": odd}) == []
    assert (tools({}), texts({})) == ({}, [])
