"""Headers in two spellings in one message; the same spelling twice is nobody's trouble."""

from pathlib import Path

from concluded import findings
from play import Json, Play, initialize, initialized
from players import MCP

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def duplicates(recording: Play | Path) -> Json:
    finding = findings(recording).get("headers.duplicates")
    return None if finding is None else finding.value


def test_a_client_sends_accept_twice() -> None:
    play = Play()
    headers = {"accept": "application/json", "Accept": "text/event-stream", "User-Agent": "sdk/1"}
    for _ in range(2):
        post = play.request("POST", MCP, json=initialize(client="sdk"), headers=headers)
        play.answer(post, status=400)
    finding = findings(play)["headers.duplicates"]

    assert finding.value == [
        {
            "sent by": "client",
            "client": "sdk 1",
            "spellings": ["Accept", "accept"],
            "values": "different",
            "example": ["application/json", "text/event-stream"],
            "roles": ["mcp"],
        }
    ]
    assert finding.count == 2
    assert [place.line for place in finding.evidence] == [2, 5]


def test_a_server_answers_with_both() -> None:
    play = Play()
    headers = {"Content-Type": "application/json", "content-type": "application/json"}
    play.answer(play.post(MCP, initialize()), initialized(), headers=headers)

    assert duplicates(play) == [
        {
            "sent by": "server",
            "spellings": ["Content-Type", "content-type"],
            "values": "equal",
            "example": ["application/json", "application/json"],
            "roles": ["mcp"],
        }
    ]


def test_spellings_that_differ_between_messages_are_no_clash() -> None:
    play = Play()
    for name in ("X-Trace", "x-trace"):
        play.answer(play.post(MCP, initialize(), {name: "1"}), initialized(), headers={name: "1"})

    assert duplicates(play) is None
    assert duplicates(RECORDINGS / "oauth-sse.jsonl") is None
