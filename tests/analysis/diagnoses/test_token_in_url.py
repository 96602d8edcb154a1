import pytest

from play import Play, call, result
from players import MCP, Sse
from recognised import recognised


@pytest.mark.parametrize("query", ["access_token=t1", "a=b&token=t1", "apikey=k"])
def test_a_token_for_the_stream(query: str):
    play = Play()
    stream = play.listen(f"{MCP}?{query}")
    play.stream(stream)
    play.end(stream)
    assert recognised(play) == [("token_in_url", "certain")]


def test_a_token_in_a_redirect():
    play = Play()
    where = "http://localhost:1/#access_token=t1&token_type=bearer"
    play.answer(play.request("GET", "https://a.example/"), status=302, headers={"Location": where})
    assert recognised(play) == [("token_in_url", "certain")]


@pytest.mark.parametrize("query", ["pageToken=2", "token=csrf", "access_token=", "state=a"])
def test_other_parameters_of_other_services(query: str):
    play = Play()
    play.answer(play.request("GET", f"https://a.example/?{query}"), {})
    assert recognised(play) == []


def test_a_session_is_no_token():
    play = Play()
    sse = Sse(play, "a" * 40)
    sse.say(call(1, "ping"))
    sse.hear(result(1))
    assert recognised(play) == []
