import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpointer import JsonPointer

from wiretape.recorder.redaction.json_pointer import locate

DOCUMENT = (
    '{ "a/b" : [ 1, "x", {"m~n": "y\\"z", "o": ["p", 2, "q"]} ], "a": {"": "e"}, "a": "last" }'
)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/a~1b/1", ["x"]),
        ("/a~1b/2/m~0n", ['y\\"z']),
        ("/a~1b/2/o", ["p", "q"]),
        ("/a~1b/2", ['y\\"z', "p", "q"]),
        ("/a/", ["e"]),
        ("/a", ["e", "last"]),
        ("/a~1b/0", []),
        ("/a~1b/9", []),
        ("/a~1b/1/deeper", []),
        ("/none", []),
    ],
)
def test_a_pointer_points_at_the_strings_at_and_below_it(pointer: str, found: list[str]) -> None:
    parts = tuple(JsonPointer(pointer).parts)
    assert [DOCUMENT[start:end] for start, end in locate(DOCUMENT, parts)] == found


@pytest.mark.parametrize("text", ["", "{", '{"a": "b"', '{"a": "b"} x', "[" * 100_000])
def test_in_what_is_no_json_there_is_nothing(text: str) -> None:
    assert list(locate(text, ("a",))) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(_JSON, st.sampled_from([None, 1]), st.data())
def test_it_finds_what_the_pointer_resolves_to(
    document: Any, indent: int | None, data: st.DataObject
) -> None:
    value, parts = document, []
    while isinstance(value, dict | list) and value and data.draw(st.booleans()):
        part = data.draw(
            st.sampled_from(list(value) if isinstance(value, dict) else range(len(value)))
        )
        parts.append(str(part))
        value = value[part]
    text = json.dumps(document, indent=indent)
    found = [json.loads(f'"{text[start:end]}"') for start, end in locate(text, tuple(parts))]
    assert found == list(_strings(value))


def _strings(value: Any) -> Any:
    if isinstance(value, str):
        yield value
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _strings(item)
