from concluded import diagnoses
from play import Play, call, initialize, result
from players import MCP, Streamable
from recognised import recognised


def test_attempts_at_one_place_are_one_diagnosis():
    play = Play()
    for _ in range(3):
        play.fail(play.post(MCP, initialize()), "[Errno 111] Connect call failed")
    (found,) = diagnoses(play)
    assert found.id == "service_unreachable"
    assert found.seen.startswith("3 attempts to reach mcp.example.com ")
    assert [place.line for place in found.evidence] == [2, 3, 4, 5, 6, 7]


def test_what_answers_other_requests_is_reached_now_and_then():
    play = Play()
    play.fail(play.post(MCP, initialize()), "[Errno 111] Connect call failed")
    session = Streamable(play, "0f3c")
    for number in range(60):
        play.answer(session.post(call(number, "ping")), result(number))
    play.unreachable("mcp.example.com:443", "Temporary failure in name resolution")
    for found in diagnoses(play):
        assert found.confidence == "likely"
        assert found.seen.endswith(" 62 requests to it got one.")
        assert "now and then" in found.cause
        assert "not running" not in found.cause
        assert "misspelt" not in found.cause
    assert recognised(play) == [("service_unreachable", "likely")] * 2


def test_another_host_that_answers_says_nothing():
    play = Play()
    play.answer(play.post("https://other.example.com/mcp", initialize()), {})
    play.unreachable("mcp.example.com:443")
    (found,) = diagnoses(play)
    assert (found.confidence, "misspelt" in found.cause) == ("certain", True)


def test_a_server_that_breaks_off_was_reached():
    play = Play()
    post = play.post(MCP, initialize())
    play.stream(post)
    play.end(post, "server abort", "peer closed connection")
    assert recognised(play) == []
