import pytest

from play import Play, call, result
from players import MCP
from recognised import recognised

ID = "header_in_two_spellings"


def asked(play: Play, status: int, **headers: str) -> None:
    """Post with more headers than the one that every post has, `accept`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    play.answer(play.post(MCP, call(1, "ping"), named), result(1), status=status)


@pytest.mark.parametrize("status", [400, 406, 415])
def test_what_an_sdk_sets_as_well_is_refused(status: int):
    play = Play()
    asked(play, status, Accept="*/*")
    assert recognised(play) == [(ID, "likely")]


@pytest.mark.parametrize("status", [200, 401, 404, 503])
def test_a_header_that_may_come_once_only(status: int):
    play = Play()
    asked(play, status, Content_Type="application/json", content_type="application/json")
    assert recognised(play) == [(ID, "possible")]


@pytest.mark.parametrize("status", [200, 401, 404, 503])
def test_a_list_that_is_not_refused_for_it(status: int):
    play = Play()
    asked(play, status, Accept="*/*")
    assert recognised(play) == []


@pytest.mark.parametrize("name", ["X_Forwarded_For", "Cookie", "X_Whatever"])
def test_other_lists(name: str):
    play = Play()
    asked(play, 400, **{name: "1", name.lower(): "2"})
    assert recognised(play) == []


def test_what_is_mostly_taken_is_refused_for_another_reason():
    play = Play()
    for status in (200, 200, 400):
        asked(play, status, Content_Type="application/json", content_type="application/json")
    assert recognised(play) == [(ID, "possible")]


def test_one_spelling_is_fine_in_any_case():
    play = Play()
    asked(play, 400, ACCEPT_LANGUAGE="en")
    assert recognised(play) == []
