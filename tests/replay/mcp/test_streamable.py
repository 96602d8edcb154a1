"""Streamable HTTP: each POST is answered itself."""

import json
from typing import Any

import pytest

from replayed import header
from speaking import SESSION, Speaker, altered, told
from wiretape.analysis.profile.texts import JsonText

HALF = b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}'
"""An id that is half of a surrogate pair, which no answer could repeat."""


@pytest.fixture
def client() -> Speaker:
    return Speaker("atlassian-2026-03")


def test_a_session(client: Speaker) -> None:
    opened = told(client.begin("2025-06-18"))
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
    opened = told(Speaker("atlassian-2026-09").begin(offered))
    assert opened["result"]["protocolVersion"] == answered


def test_without_a_session_nothing_is_answered(client: Speaker) -> None:
    assert client.say("tools/list", 1).status == 400
    client.headers[SESSION] = "another"
    assert client.say("tools/list", 1).status == 404


def test_a_session_is_its_grants_own(client: Speaker) -> None:
    client.begin()
    _, tokens = client.caller.granted()
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    assert client.say("tools/list", 1).status == 404


def test_a_get_opens_a_stream_in_a_session(client: Speaker) -> None:
    assert client.caller.ask("GET", client.url, b"", client.headers).status == 400
    client.begin()
    reply = client.caller.ask("GET", client.url, b"", client.headers)
    assert reply.stream is not None


def test_answers_come_on_streams_where_they_did() -> None:
    client = Speaker("oauth-streamable")
    opened = told(client.begin())
    assert opened["result"]["instructions"] == "Keeps short notes."
    reply = client.say("tools/list", 2)
    assert header(reply, "content-type") == "text/event-stream"
    assert reply.body.startswith(b"event: message\ndata: {")


def test_a_known_tool_with_an_output_schema_answers_what_fits_it() -> None:
    from jsonschema import validate

    client = Speaker("mcp-atlassian")
    client.begin("2025-11-25")
    tools = client.caller.profile.tools
    with_output = {name: tool for name, tool in tools.tool.items() if tool.output is not None}
    assert with_output
    for name, tool in with_output.items():
        body = client.say("tools/call", 2, name=name, arguments={}).body.partition(b"data: ")[2]
        assert tool.output is not None
        validate(json.loads(body)["result"]["structuredContent"], tool.output.value)  # type: ignore[arg-type]  # a schema is an object


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[" * 100_000, HALF])
def test_what_is_no_message_is_refused(client: Speaker, body: bytes) -> None:
    assert client.caller.ask("POST", client.url, body, client.headers).status == 400


def test_an_initialize_may_say_anything(client: Speaker) -> None:
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": [1]}
    assert client.caller.post_json(client.url, hello, client.headers).status == 200


ABLE = {"completions": {}, "logging": {}, "resources": {"subscribe": True}}


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("completion/complete", {"completion": {"values": []}}),
        ("logging/setLevel", {}),
        ("resources/subscribe", {}),
        ("resources/unsubscribe", {}),
    ],
)
def test_what_the_server_says_it_can_do_it_does(method: str, result: Any) -> None:
    unable = altered("atlassian-2026-09")
    able = altered(unable, protocol__capabilities=JsonText.of(ABLE))
    for profile, key in ((unable, "error"), (able, "result")):
        client = Speaker(profile)
        client.begin()
        said = json.loads(client.say(method, 1).body)
        assert key in said
        assert said.get("result", result) == result
