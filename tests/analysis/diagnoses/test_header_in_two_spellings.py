import pytest

from play import Play, call, result
from players import MCP
from recognised import recognised


@pytest.mark.parametrize(("status", "confidence"), [(400, "likely"), (200, "possible")])
def test_it_is_surer_where_it_is_refused(status: int, confidence: str):
    play = Play()
    post = play.post(MCP, call(1, "ping"), {"Accept": "*/*"})  # which sends accept as well
    play.answer(post, result(1), status=status)
    assert recognised(play) == [("header_in_two_spellings", confidence)]


def test_one_spelling_is_fine_in_any_case():
    play = Play()
    play.answer(play.post(MCP, call(1, "ping"), {"ACCEPT-LANGUAGE": "en"}), result(1), status=400)
    assert recognised(play) == []
