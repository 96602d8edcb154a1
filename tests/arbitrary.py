"""Hypothesis strategies: any valid records, of a kind that readers of recordings find hard."""

import json
from datetime import UTC

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, Raw, structs

from wiretape.recorder.log.records import (
    Body,
    Content,
    End,
    Entry,
    Error,
    Event,
    Gap,
    Mark,
    Request,
    Response,
    digest,
)

_TEXT = st.text(max_size=8)
_IDS = st.sampled_from([0, 1, 2, "1", None, 1.0, True, "server-error"])
_METHODS = st.sampled_from(
    ["initialize", "server/discover", "tools/call", "notifications/progress", ""]
)
_META = st.fixed_dictionaries(
    {},
    optional={
        "progressToken": _IDS,
        "io.modelcontextprotocol/protocolVersion": st.just("2026-07-28") | st.none(),
        "io.modelcontextprotocol/clientInfo": st.sampled_from(
            [{"name": "a"}, {"name": "a", "version": "2"}, {"name": "b"}, 1]
        ),
    },
)
_PARAMS = st.fixed_dictionaries(
    {},
    optional={
        "_meta": _META | st.none(),
        "progressToken": _IDS,
        "clientInfo": st.sampled_from([{}, {"name": "a"}, {"name": "b"}]),
    },
)
_MESSAGE = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0")},
    optional={
        "id": _IDS,
        "method": _METHODS,
        "params": _PARAMS | st.just([1]),
        "result": st.just({"protocolVersion": "2025-06-18"}) | st.none(),
        "error": st.just({"code": -1, "message": "m"}) | st.just({}),
    },
)
_OAUTH = st.fixed_dictionaries(
    {},
    optional={
        "grant_type": st.just("refresh_token"),
        "refresh_token": st.sampled_from("rs"),
        "code": st.sampled_from("rs"),
        "access_token": st.sampled_from("tu"),
        "client_id": st.just("c"),
        "token": st.just("t"),
        "redirect_uris": st.just(["http://localhost"]),
        "token_endpoint": st.just("http://h/mcp"),
        "authorization_servers": st.just(["http://h"]) | st.just(1),
    },
)
JSON = _MESSAGE | st.lists(_MESSAGE, max_size=3) | _OAUTH | st.none() | st.just(1)
RAW = JSON.map(lambda value: Raw(json.dumps(value).encode()))

_URLS = st.sampled_from(
    [
        "http://h/mcp",
        "http://h/mcp?s=1",
        "http://h/mcp?access_token=t",
        "http://h/mcp?access_token=u",
        "http://h/mcp?access_token=",
        "http://h/authorize?response_type=code&client_id=c&state=x",
        "http://h/callback?code=r&state=x",
        "http://h/.well-known/oauth-authorization-server",
        "http://h/.well-known/oauth-protected-resource/mcp",
        "http://[broken",
        "",
    ]
)
_CREDENTIALS = ["Bearer t", "Bearer u", "bearer u", "Bearer ", "Basic !", "Basic YTpi", "t"]
_ORIGINS = ["https://a.example", "https://b.example", "null"]
_VALUES = {
    "Mcp-Session-Id": ["a", "b"],
    "mcp-method": ["a", "b"],
    "Mcp-Protocol-Version": ["2025-06-18", "2026-07-28", ""],
    "User-Agent": ["a", "b"],
    "x": ["a", "b"],
    "Accept": ["text/event-stream", "application/json"],
    "Content-Type": ["application/json", "text/html; charset=utf-8"],
    "authorization": _CREDENTIALS,
    "Authorization": _CREDENTIALS,
    "Location": ["/callback?code=r&state=x", "http://["],
    "WWW-Authenticate": ["Bearer", 'Bearer error="invalid_token"', 'Basic realm="x", Bearer', '"'],
    "Origin": _ORIGINS,
    "Access-Control-Request-Method": ["POST", "DELETE"],
    "Access-Control-Request-Headers": ["authorization", "mcp-session-id, x"],
    "Access-Control-Allow-Origin": ["*", *_ORIGINS],
    "Access-Control-Allow-Headers": ["*", "authorization"],
    "Access-Control-Expose-Headers": ["mcp-session-id", "x"],
    "Retry-After": ["1", "120", "Fri, 29 Aug 2025 02:09:10 GMT", "soon"],
    "Server-Timing": ["edge;dur=1", 'edge;dur=2, up;desc="x"', '"'],
    "traceparent": [f"00-{'0a' * 16}-{'0b' * 8}-01", f"00-{'0c' * 16}-{'0d' * 8}-01"],
    "x-request-id": ["8f3a0c1e-5b7d-4e21-9c64-0a1b2c3d4e50", "8f3a0c1e"],
}
_HEADER = st.sampled_from([(name, value) for name, many in _VALUES.items() for value in many])
_HEADERS = st.lists(_HEADER, max_size=5).map(tuple)
_FORM = _OAUTH.map(lambda o: tuple((k, str(v)) for k, v in o.items()))
_PARTS = st.one_of(
    st.fixed_dictionaries({"json": RAW}),
    st.fixed_dictionaries({"form": _FORM}),
    st.fixed_dictionaries({"text": _TEXT | st.just("?s=1")}),
    st.fixed_dictionaries({"base64": _TEXT}),
    st.just({"json": UNSET}),
)
CONTENTS = st.builds(lambda parts, cut: Content(**parts, cut=cut), _PARTS, st.booleans())
BODIES = st.builds(
    lambda parts, size: Body(
        **parts, size=size, sha256=digest(b"%d" % size + msgspec.json.encode(Content(**parts)))
    ),
    _PARTS,
    st.sampled_from([1, 100]) | st.integers(0, 10**9),
)

_WHEN = {
    "at": st.datetimes(timezones=st.just(UTC)),
    "t": st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 9).map(float),
}
_WHERE = _WHEN | {"exchange": st.integers(1, 4), "connection": st.sampled_from(["c1", "c2"])}
_TOTALS = {"events": st.integers(0, 9), "comments": st.integers(0, 9)}

REQUESTS = st.builds(
    Request,
    **_WHERE,
    method=st.sampled_from(["GET", "POST", "POST", "DELETE", "OPTIONS", "\x1b[2J"]),
    url=_URLS | _TEXT,
    http=_TEXT,
    headers=_HEADERS,
    body=st.none() | BODIES,
    cause=st.none() | st.integers(1, 4),
)
RESPONSES = st.builds(
    Response,
    **_WHERE,
    status=st.sampled_from([200, 200, 202, 307, 401, 404, 0, -1]),
    reason=_TEXT,
    http=_TEXT,
    headers=_HEADERS,
    body=st.none() | BODIES,
    stream=st.booleans(),
)
EVENTS = st.builds(
    Event,
    **_WHERE,
    index=st.integers(0, 9),
    event=st.sampled_from([None, "message", "endpoint", "\x1b[2J"]),
    data=st.none() | CONTENTS,
    size=st.integers(0, 10**9),
)
ENDS = st.builds(
    End,
    **_WHERE,
    how=st.sampled_from(["complete", "client abort", "server abort", "error"]),
    detail=st.none() | _TEXT,
    **_TOTALS,
)
ERRORS = st.builds(
    Error,
    **(_WHERE | {"exchange": st.none() | st.integers(1, 4)}),
    kind=st.sampled_from(["dns", "connect", "tls", "protocol"]),
    detail=_TEXT,
)
MARKS = st.builds(Mark, **_WHEN, name=_TEXT)
GAPS = st.builds(Gap, **_WHEN, reason=_TEXT, lost=st.integers(0, 9))

ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    REQUESTS, RESPONSES, EVENTS, EVENTS, ENDS, ERRORS, MARKS, GAPS
)


@st.composite
def consistent(draw: st.DrawFn) -> list[Entry]:
    """Records as a recorder writes them: numbered exchanges, interleaved, each in its order.

    Some exchanges are others over again, with other values of the same headers and parameters.
    """
    waiting = [draw(_EXCHANGE | _ORDINARY) for _ in range(draw(st.integers(1, 4)))]
    over_again = draw(st.lists(st.sampled_from(waiting), max_size=4))
    waiting += [[_varied(draw, record) for record in each] for each in over_again]
    running: dict[int, list[Entry]] = {}
    written: list[Entry] = []
    started = 0
    while waiting or running:
        number = draw(st.sampled_from([0, *running] if waiting else list(running)))
        if number == 0:
            started += 1
            number, running[started] = started, waiting.pop()
        written.append(structs.replace(running[number].pop(0), exchange=number))
        if not running[number]:
            del running[number]
        written += draw(st.lists(MARKS | GAPS, max_size=1))
    return written


def _varied(draw: st.DrawFn, record: Entry) -> Entry:
    """Give a record with other values of the same headers, and perhaps another body."""
    if not isinstance(record, Request | Response):
        return record
    headers = tuple((name, draw(st.sampled_from(_VALUES[name]))) for name, _ in record.headers)
    body = record.body and draw(st.just(record.body) | BODIES)
    varied = structs.replace(record, headers=headers, body=body)
    if isinstance(varied, Request) and "access_token=" in varied.url:
        token = draw(st.sampled_from(["", "t", "u"]))
        return structs.replace(varied, url=f"http://h/mcp?access_token={token}")
    return varied


_EXCHANGE = st.builds(
    lambda request, response, events, last: [request, *response, *events, *last],
    REQUESTS,
    st.lists(RESPONSES, max_size=1),
    st.lists(EVENTS, max_size=5),
    st.lists(ENDS | ERRORS, max_size=1),
)
_CALL = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "id": st.integers(0, 2), "method": _METHODS, "params": _PARAMS}
)
_ORDINARY = st.builds(
    lambda request, call, response, end: [
        structs.replace(request, method="POST", cause=None, body=call),
        structs.replace(response, stream=False),
        structs.replace(end, how="complete"),
    ],
    REQUESTS,
    _CALL.map(
        lambda call: Body(json=Raw(json.dumps(call).encode()), size=1, sha256=digest(b"call"))
    ),
    RESPONSES,
    ENDS,
)
