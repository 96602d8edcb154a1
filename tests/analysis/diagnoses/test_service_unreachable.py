from concluded import diagnoses
from play import Play, initialize
from players import MCP
from recognised import recognised


def test_attempts_at_one_place_are_one_diagnosis():
    play = Play()
    for _ in range(3):
        play.fail(play.post(MCP, initialize()), "[Errno 111] Connect call failed")
    (found,) = diagnoses(play)
    assert found.id == "service_unreachable"
    assert found.seen.startswith("3 attempts to reach mcp.example.com ")
    assert [place.line for place in found.evidence] == [2, 3, 4, 5, 6, 7]


def test_a_server_that_breaks_off_was_reached():
    play = Play()
    post = play.post(MCP, initialize())
    play.stream(post)
    play.end(post, "server abort", "peer closed connection")
    assert recognised(play) == []
