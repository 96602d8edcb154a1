"""Streamable HTTP: each POST is answered itself."""

import json
from typing import Any

import pytest

from replayed import Caller, header, shipped
from wiretape.replay.messages import Reply

HALF = b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}'
"""An id that is half of a surrogate pair, which no answer could repeat."""

SESSION = "mcp-session-id"


class Client:
    def __init__(self, name: str) -> None:
        self.caller = Caller(shipped(name))
        self.url = self.caller.profile.endpoints.mcp or ""
        self.headers: dict[str, str] = {}
        if self.caller.profile.endpoints.token is not None:
            _, tokens = self.caller.granted()
            self.headers["authorization"] = f"Bearer {tokens['access_token']}"

    def say(self, method: str, number: Any = None, **params: object) -> Reply:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        return self.caller.post_json(self.url, message, self.headers)

    def begin(self, version: str = "2025-06-18") -> Any:
        reply = self.say("initialize", 1, protocolVersion=version)
        assert reply.status == 200
        self.headers[SESSION] = header(reply, SESSION) or ""
        return json.loads(reply.body.partition(b"data: ")[2] or reply.body)


@pytest.fixture
def client() -> Client:
    return Client("atlassian-2026-03")


def test_a_session(client: Client) -> None:
    opened = client.begin()
    assert opened["result"]["protocolVersion"] == "2025-06-18"
    assert len(client.headers[SESSION]) == 64
    assert client.say("notifications/initialized").status == 202
    listed = client.say("tools/list", "a text")
    assert header(listed, "content-type") == "application/json"
    assert json.loads(listed.body)["id"] == "a text"
    assert client.caller.ask("DELETE", client.url, b"", client.headers).status == 204
    gone = client.say("tools/list", 3)
    assert (gone.status, json.loads(gone.body)["error"]["message"]) == (404, "Session not found")


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("2025-03-26", "2025-03-26"), ("2025-11-25", "2025-11-25"), ("1999-01-01", "2025-11-25")],
)
def test_revisions_are_negotiated_as_was_seen(offered: str, answered: str) -> None:
    opened = Client("atlassian-2026-09").begin(offered)
    assert opened["result"]["protocolVersion"] == answered


def test_without_a_session_nothing_is_answered(client: Client) -> None:
    assert client.say("tools/list", 1).status == 400
    client.headers[SESSION] = "another"
    assert client.say("tools/list", 1).status == 404


def test_a_session_is_its_grants_own(client: Client) -> None:
    client.begin()
    _, tokens = client.caller.granted()
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    assert client.say("tools/list", 1).status == 404


def test_a_get_opens_a_stream_in_a_session(client: Client) -> None:
    assert client.caller.ask("GET", client.url, b"", client.headers).status == 400
    client.begin()
    reply = client.caller.ask("GET", client.url, b"", client.headers)
    assert reply.stream is not None


def test_answers_come_on_streams_where_they_did() -> None:
    client = Client("oauth-streamable")
    opened = client.begin("2025-11-25")
    assert opened["result"]["instructions"] == "Keeps short notes."
    reply = client.say("tools/list", 2)
    assert header(reply, "content-type") == "text/event-stream"
    assert reply.body.startswith(b"event: message\ndata: {")


def test_a_known_tool_with_an_output_schema_answers_what_fits_it() -> None:
    from jsonschema import validate

    client = Client("mcp-atlassian")
    client.begin("2025-11-25")
    tools = client.caller.profile.tools
    with_output = {name: tool for name, tool in tools.tool.items() if tool.output is not None}
    assert with_output
    for name, tool in with_output.items():
        body = client.say("tools/call", 2, name=name, arguments={}).body.partition(b"data: ")[2]
        assert tool.output is not None
        validate(json.loads(body)["result"]["structuredContent"], tool.output.value)  # type: ignore[arg-type]  # a schema is an object


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[" * 100_000, HALF])
def test_what_is_no_message_is_refused(client: Client, body: bytes) -> None:
    assert client.caller.ask("POST", client.url, body, client.headers).status == 400


def test_an_initialize_may_say_anything(client: Client) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": [1]}
    assert client.caller.post_json(client.url, hello, client.headers).status == 200
