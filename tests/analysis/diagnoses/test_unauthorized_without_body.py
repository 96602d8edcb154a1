from play import Play, initialize
from players import MCP
from recognised import recognised

CHALLENGE = {"WWW-Authenticate": "Bearer"}


def test_methods_are_told_apart():
    play = Play()
    for _ in range(2):
        play.answer(play.listen(MCP), status=401, headers=CHALLENGE)
    play.answer(play.post(MCP, initialize()), text="", status=401, headers=CHALLENGE)
    assert recognised(play) == [("unauthorized_without_body", "possible")] * 2


def test_it_is_surer_where_the_headers_say_nothing_either():
    play = Play()
    play.answer(play.post(MCP, initialize()), status=401)
    assert recognised(play) == [("unauthorized_without_body", "likely")]


def test_a_stream_is_a_body():
    play = Play()
    post = play.post(MCP, initialize())
    play.stream(post, status=401)
    play.event(post, {"error": "invalid_token"})
    play.end(post)
    assert recognised(play) == []


def test_a_body_of_any_kind_will_do():
    play = Play()
    play.answer(play.listen(MCP), {"error": "invalid_token"}, status=401, headers=CHALLENGE)
    play.answer(play.listen(MCP), text="no", status=401, headers=CHALLENGE)
    assert recognised(play) == []


def test_other_services_may_be_silent():
    play = Play()
    play.answer(play.request("GET", "https://example.com/"), status=401, headers=CHALLENGE)
    play.answer(play.request("HEAD", MCP, headers={"mcp-session-id": "1"}), status=401)
    assert recognised(play) == []
