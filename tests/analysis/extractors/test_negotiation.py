"""How each client finds the transport that it then speaks."""

from pathlib import Path
from typing import Any

import pytest

from concluded import findings
from play import Play, call, failure, initialize, initialized, note, result
from players import MCP, SSE, Sessionless, Sse

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
UA = {"User-Agent": "agent/1"}
MODERN = UA | {"mcp-protocol-version": "2026-07-28"}


class Client:
    """A client that says its name in every request."""

    def __init__(self) -> None:
        self.play = Play()

    def refused(self, message: Any, status: int, url: str = MCP, text: str | None = None) -> None:
        post = self.play.post(url, message, MODERN if "discover" in str(message) else UA)
        self.play.answer(post, status=status, text=text)

    def looks(self, url: str, status: int) -> None:
        self.play.answer(self.play.listen(url, UA), status=status)

    def opens(self, url: str = MCP) -> None:
        post = self.play.post(url, initialize(), UA)
        self.play.answer(post, initialized(), headers={"Mcp-Session-Id": "s"})

    def listens(self, url: str = SSE) -> int:
        stream = self.play.listen(url, UA)
        self.play.stream(stream)
        self.play.event(stream, event="endpoint", text="/v1/sse/message?sessionId=0123456789abcdef")
        return stream

    def opens_over_sse(self) -> None:
        stream = self.listens()
        post = self.play.post(f"{SSE}/message?sessionId=0123456789abcdef", initialize(), UA)
        self.play.answer(post, status=202, text="Accepted")
        self.play.event(stream, initialized())

    @property
    def found(self) -> dict[str, Any]:
        value = findings(self.play)["transport.client.client 1"].value
        assert isinstance(value, dict)
        return value


@pytest.fixture
def client() -> Client:
    return Client()


def test_streamable_at_once(client: Client) -> None:
    client.refused(initialize(), 401)
    client.opens()
    headers = UA | {"Mcp-Session-Id": "s"}
    client.play.answer(
        client.play.post(MCP, note("notifications/initialized"), headers), status=202
    )
    client.play.answer(client.play.listen(MCP, headers), status=405)
    client.play.answer(client.play.request("DELETE", MCP, headers=headers), status=200)
    assert client.found == {
        "pattern": "streamable",
        "transport": "streamable",
        "listens": "405",
        "leaves": "200",
        "resumes": False,
        "steps": [
            "POST mcp initialize → 200",
            "POST mcp notifications/initialized → 202",
            "GET mcp → 405",
            "DELETE mcp → 200",
        ],
    }


def test_a_modern_client_at_an_older_server(client: Client) -> None:
    client.refused(call(0, "server/discover"), 400)
    client.opens()
    assert client.found["pattern"] == "streamable after server/discover"


def test_a_discovery_that_is_answered_with_an_error(client: Client) -> None:
    post = client.play.post(MCP, call(0, "server/discover"), MODERN)
    client.play.answer(post, failure(0, -32601))
    client.opens()
    assert client.found["pattern"] == "streamable after server/discover"
    assert client.found["steps"][0] == "POST mcp server/discover → 200 error"


def test_falling_back_to_http_sse(client: Client) -> None:
    client.refused(initialize(), 404, url=SSE, text="Missing sessionId parameter")
    client.opens_over_sse()
    assert client.found["pattern"] == "sse after POST"
    assert client.found["steps"] == [
        "POST sse initialize → 404",
        "GET sse → 200 endpoint",
        "POST message initialize → 202",
    ]


def test_a_fallback_with_tokens_in_between(client: Client) -> None:
    client.refused(initialize(), 401, url=SSE)
    site = "https://mcp.example.com/.well-known"
    for known in ("oauth-protected-resource/v1/sse", "oauth-authorization-server"):
        client.looks(f"{site}/{known}", 404)
    client.refused(initialize(), 404, url=SSE)
    client.looks(SSE, 401)
    client.opens_over_sse()
    assert client.found["pattern"] == "sse after POST"


def test_probing_first(client: Client) -> None:
    client.looks(SSE, 405)
    client.refused(initialize(client="client"), 404, url=SSE)
    client.opens_over_sse()
    assert client.found["pattern"] == "sse after GET, POST"


def test_probing_by_a_stream_that_is_not_used(client: Client) -> None:
    client.play.end(client.listens(), "client abort")
    client.refused(initialize(), 404, url=SSE)
    client.opens_over_sse()
    client.opens_over_sse()
    assert client.found["pattern"] == "sse after GET, POST"
    assert client.found["steps"] == [
        "GET sse → 200 endpoint",
        "POST sse initialize → 404",
        "GET sse → 200 endpoint",
        "POST message initialize → 202",
    ]
    assert client.found["listens"] is None  # what it opened after that is another session


def test_http_sse_at_once_then_a_modern_question_on_it(client: Client) -> None:
    stream = client.listens()
    address = f"{SSE}/message?sessionId=0123456789abcdef"
    for message, answer in (
        (call(0, "server/discover"), failure(0, -32601)),
        (initialize(1), initialized(1)),
    ):
        client.play.answer(client.play.post(address, message, UA), status=202, text="Accepted")
        client.play.event(stream, answer)
    assert client.found["pattern"] == "sse after server/discover"


def test_sessionless() -> None:
    play = Play()
    modern = Sessionless(play, "modern")
    play.answer(modern.post(call(1, "tools/list")), result(1, tools=[]))
    found = findings(play)["transport.client.modern 1"].value
    assert isinstance(found, dict)
    assert found["pattern"] == "sessionless"


def test_nothing_that_worked(client: Client) -> None:
    client.refused(initialize(), 404)
    client.looks(MCP, 404)
    found = client.found
    assert found["transport"] is None
    assert found["pattern"] == "nothing after POST, GET"


def test_resuming_and_equal_steps_in_a_row(client: Client) -> None:
    client.opens()
    for _ in range(3):
        headers = UA | {"Mcp-Session-Id": "s", "Last-Event-ID": "7"}
        stream = client.play.listen(MCP, headers)
        client.play.stream(stream)
        client.play.end(stream, "server abort")
    assert client.found["resumes"] is True
    assert client.found["steps"] == ["POST mcp initialize → 200", "GET mcp → 200 stream"]


def test_clients_are_told_apart_by_their_user_agent() -> None:
    play = Play()
    for agent, url in (("a/1", MCP), ("b/1", "https://other.example.com/mcp")):
        post = play.post(url, initialize(client=agent[0]), {"User-Agent": agent})
        play.answer(post, initialized())
    found = findings(play)
    assert {id_ for id_ in found if id_.startswith("transport.client")} == {
        "transport.client.a 1",
        "transport.client.b 1",
    }


def test_one_client_at_two_services(client: Client) -> None:
    client.opens()
    client.opens("https://other.example.com/mcp")
    found = findings(client.play)
    assert {id_ for id_ in found if id_.startswith("transport.client")} == {
        "transport.client.client 1",
        "transport.client.client 1 (2)",
    }


def test_who_only_discovers_negotiates_nothing(client: Client) -> None:
    client.looks("https://mcp.example.com/.well-known/oauth-authorization-server", 404)
    client.refused(initialize(), 401)
    assert not [id_ for id_ in findings(client.play) if id_.startswith("transport.client")]


def test_real_recordings() -> None:
    for name, client, pattern in (
        ("oauth-sse", "typescript 1", "sse"),
        ("oauth-streamable", "mcp 0.1.0", "streamable"),
        ("mcp-atlassian", "mcp 0.1.0", "streamable"),
    ):
        found = findings(RECORDINGS / f"{name}.jsonl")[f"transport.client.{client}"].value
        assert isinstance(found, dict)
        assert found["pattern"] == pattern


def test_sse_without_a_user_agent() -> None:
    play = Play()
    Sse(play, "a" * 40)
    assert "transport.client.client 1" in findings(play)
