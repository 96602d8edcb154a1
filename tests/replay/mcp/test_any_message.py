"""Whatever is said in a session, it is answered, once for each call, in what can be sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayed import Caller, header
from speaking import SESSION, VERSION, Speaker, SseSpeaker, altered, message, play
from wiretape.analysis.profile.mcp import Stream
from wiretape.replay.http.messages import Reply

_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_METHODS = (
    "initialize",
    "ping",
    "tools/list",
    "tools/call",
    "resources/read",
    "completion/complete",
    "logging/setLevel",
    "server/discover",
    "subscriptions/listen",
    "notifications/cancelled",
    "notifications/initialized",
)
_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
_PARAMS = _JSON | st.fixed_dictionaries(
    {},
    optional={
        "_meta": st.just(_META) | _JSON,
        "cursor": _JSON,
        "name": st.just("list_notes") | _JSON,
        "arguments": _JSON,
        "requestId": _JSON,
        "protocolVersion": st.just("2025-03-26") | _JSON,
        "notifications": st.just({"toolsListChanged": True}) | _JSON,
    },
)
_MESSAGES = st.fixed_dictionaries(
    {"jsonrpc": st.sampled_from(["2.0", "2.0", "2.0", "1.0"])},
    optional={
        "id": st.integers(0, 3) | _JSON,
        "method": st.sampled_from(_METHODS) | _JSON,
        "params": _PARAMS,
        "result": _JSON,
        "error": _JSON,
    },
)
_POSTED = _MESSAGES | st.lists(_MESSAGES | _JSON, max_size=4) | _JSON
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        VERSION: st.sampled_from(["2025-03-26", "2025-11-25", "2026-07-28", "1999-01-01", ""]),
        "accept": st.sampled_from(["*/*", "application/json", ""]),
        "mcp-method": st.sampled_from(_METHODS),
        "mcp-name": st.sampled_from(["list_notes", "=?base64?x?=", ""]),
        "last-event-id": st.sampled_from(["1-1", "2-1", "x", ""]),
    },
)

NUMBERED = {"mcp": Stream(event_ids=True), "mcp-answers": Stream(event_ids=True, retry=1)}
OPEN: dict[str, Any] = {"endpoints__token": None, "challenge": {}}
BOTH = ("sessionless", "streamable")
CALLERS = {
    "as it is": Caller(altered("oauth-streamable", **OPEN)),
    "with ids": Caller(altered("oauth-streamable", stream=NUMBERED, tools__paged=True, **OPEN)),
    "both forms": Caller(altered("oauth-streamable", transport__kinds=BOTH, **OPEN)),
}
OVER_SSE = Caller(altered("oauth-sse", tools__paged=True, **OPEN))


@pytest.mark.parametrize("name", CALLERS)
@given(posts=st.lists(st.tuples(_POSTED, _HEADERS), max_size=5))
def test_over_streamable_http(name: str, posts: list[tuple[Any, dict[str, str]]]) -> None:
    async def part() -> None:
        client = Speaker(CALLERS[name])
        client.begin()
        kept = dict(client.headers)
        for said, headers in posts:
            client.headers = kept | headers
            for reply in (client.post(said), client.get()):
                assert 200 <= reply.status < 500
                assert reply.stream is None or reply.is_event_stream
                _sound(reply, said if isinstance(said, list) else [said])
        client.headers = kept
        assert client.caller.ask("DELETE", client.url, b"", client.headers).status == 200

    play(part)


def _sound(reply: Reply, posted: list[Any]) -> None:
    """Show that a body answers what was asked, each call at most once."""
    if header(reply, "content-type") != "application/json" or not reply.body:
        return
    answers = json.loads(reply.body)
    answers = answers if isinstance(answers, list) else [answers]
    asked = [json.dumps(call.get("id")) for call in posted if isinstance(call, dict)]
    assert {json.dumps(answer.get("id")) for answer in answers} <= {*asked, "null"}
    assert len(answers) <= max(1, len(posted))


@given(posts=st.lists(_POSTED, max_size=5))
def test_over_http_and_sse(posts: list[Any]) -> None:
    async def part() -> None:
        client = SseSpeaker(OVER_SSE)
        await client.open()
        for said in posts:
            assert 200 <= client.post(said).status < 500
        client.post(message("ping", "the last"))
        while (await client.stream.message()).get("id") != "the last":
            pass

    play(part)


def test_sessions_are_named_by_what_a_header_can_have() -> None:
    client = Speaker("oauth-streamable")
    client.begin()
    assert client.headers[SESSION].isascii()
    assert client.headers[SESSION].isalnum()
