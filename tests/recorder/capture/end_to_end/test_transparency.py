"""With and without the recorder both sides see the same, byte for byte."""

import asyncio
import gzip
import json
from itertools import count, pairwise

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopback import Ask, Direct, Origin, Recorder, Script, Told, Turn, Way, answer, talk
from loopback.http1 import read_response
from loopback.wire import chunked, response, stream_head
from wiretape.recorder.log.exchanges import Exchange

RESULT = {"jsonrpc": "2.0", "id": 1, "result": {"note": "ä€😀"}}
JSON = json.dumps(RESULT, ensure_ascii=False).encode()
SSE = b": hello\nid: 7\nevent: message\nretry: 10\ndata: %b\n\n" % JSON


async def both_ways(ask: Ask, script: Script, recorder: Recorder) -> tuple[Told, Told, str]:
    async with Origin(script) as origin:
        direct = await talk(ask, origin, Direct())
        recorded = await talk(ask, origin, recorder.way)
        return direct, recorded, origin.url + ask.path.decode()


def same(ask: Ask, script: Script, recorder: Recorder) -> tuple[Told, Exchange]:
    """Assert that both ways are the same; give what was told and what was recorded of it."""
    direct, recorded, url = asyncio.run(both_ways(ask, script, recorder))
    assert recorded == direct
    exchange = recorder.exchange(url)
    response = exchange.response
    assert exchange.complete
    assert response
    assert exchange.request.method.encode() == ask.method
    assert response.status == direct.response.status
    assert response.reason.encode("latin-1") == direct.response.first_line.split(b" ", 2)[2]
    assert names(response.headers) == [name for name, _ in direct.response.headers]
    assert names(exchange.request.headers) == [name for name, _ in direct.request.headers]
    assert names(response.trailers) == [name for name, _ in direct.response.trailers]
    for body, told in ((exchange.request.body, direct.request), (response.body, direct.response)):
        assert response.stream or (body.size if body else 0) == len(told.body)
    return direct, exchange


def names(headers: tuple[tuple[str, str], ...]) -> list[bytes]:
    return [name.encode("latin-1") for name, _ in headers]


LARGE = tuple(b"X-Large-%d: %b" % (number, b"v" * 1000) for number in range(64))
BOTH_LENGTHS = (b"Content-Length: 3", b"Transfer-Encoding: chunked")

ANSWERS = {
    "json": response(JSON, b"Content-Type: application/json"),
    "headers in any case, order and number": response(
        b"", b"X-b: 1", b"x-A: 2", b"X-B: 3", b"SET-COOKIE: a=1", b"set-cookie: b=2", b"Empty:"
    ),
    "64 KiB of headers": response(b"", *LARGE),
    "bytes that are not ASCII in a header": response(b"", b"X-Name: \xe4\xe2\x82\xac"),
    "no reason": response(status=b"200 "),
    "an unusual reason": response(status=b"404 No \xe9ntry Here"),
    "an unassigned status": response(status=b"599 Beyond"),
    "202 with a body": response(
        b"Accepted", b"Content-Type: text/event-stream", status=b"202 Accepted"
    ),
    "204": response(status=b"204 No Content", length=False),
    "304": response(b"", b'ETag: "1"', status=b"304 Not Modified", length=False),
    "307": response(b"", b"Location: /elsewhere", status=b"307 Temporary Redirect"),
    "401": response(b"{}", b'WWW-Authenticate: Bearer realm="OAuth"', status=b"401 Unauthorized"),
    "500": response(b"Internal Server Error", status=b"500 Internal Server Error"),
    "100 and 103 before": b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\n" + response(JSON),
    "until it closes": response(JSON, length=False),
    "HTTP/1.0": response(JSON).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "chunks of odd sizes": stream_head() + chunked(b"d", b"ata", b": 1\n", b"\n", b"d" * 70000),
    "chunk extensions": response(b"", BOTH_LENGTHS[1], length=False)
    + b"3;name=value\r\nabc\r\n0\r\n\r\n",
    "a length and chunks": response(b"", *BOTH_LENGTHS, length=False) + chunked(b"abcdef"),
    "trailers": response(b"", BOTH_LENGTHS[1], b"Trailer: X-Sum", length=False)
    + b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n",
    "not gzip": response(b"no gzip at all", b"Content-Encoding: gzip"),
    "an unknown coding": response(b"\x00\x01", b"Content-Encoding: x-secret"),
    "malformed JSON": response(b'{"jsonrpc": "2.0", "id": ', b"Content-Type: application/json"),
    "no JSON-RPC": response(b'[{"jsonrpc": 2}, null, []]', b"Content-Type: application/json"),
    "JSON that nests deeply": response(b"[" * 100_000, b"Content-Type: application/json"),
    "half a surrogate pair": response(rb'{"id": "\ud800"}', b"Content-Type: application/json"),
    "bytes": response(bytes(range(256)), b"Content-Type: application/octet-stream"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_any_answer_passes_as_it_is(name: str, recorder: Recorder) -> None:
    path = f"/answers/{list(ANSWERS).index(name)}".encode()
    same(Ask(path=path), answer(ANSWERS[name]), recorder)


FORM = b"grant_type=client_credentials&scope=a%20b"
CHUNKED = (b"Transfer-Encoding", b"chunked")
EXAMPLES = count()
REQUESTS = {
    "HEAD": Ask(b"HEAD"),
    "OPTIONS": Ask(b"OPTIONS", headers=((b"Origin", b"null"), (b"origin", b"http://a"))),
    "DELETE": Ask(b"DELETE", headers=((b"mcp-protocol-version", b"2025-06-18"),)),
    "a method of its own": Ask(b"QUERY", headers=((b"Content-Length", b"2"),), body=(b"{}",)),
    "two spellings": Ask(headers=((b"accept", b"*/*"), (b"Accept", b"text/event-stream"))),
    "64 KiB of headers": Ask(headers=tuple((b"X-%d" % n, b"v" * 1000) for n in range(64))),
    "an empty body": Ask(b"POST", headers=((b"Content-Length", b"0"),)),
    "a form": Ask(
        b"POST",
        headers=(
            (b"Content-Type", b"application/x-www-form-urlencoded"),
            (b"Content-Length", b"%d" % len(FORM)),
        ),
        body=(FORM[:5], FORM[5:]),
    ),
    "chunks": Ask(
        b"POST", headers=(CHUNKED,), body=(b"1\r", b"\na\r\n2;x\r\nb", b"c\r\n0\r\n\r\n")
    ),
    "trailers": Ask(b"POST", headers=(CHUNKED,), body=(b"1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n",)),
    "a length and chunks": Ask(
        b"POST", headers=((b"Content-Length", b"1"), CHUNKED), body=(chunked(b"abc"),)
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_any_request_passes_as_it_is(name: str, recorder: Recorder) -> None:
    path = f"/requests/{list(REQUESTS).index(name)}?a=b%2Fc&d".encode()
    asked = REQUESTS[name]
    same(Ask(asked.method, path, asked.headers, asked.body), answer(response(JSON)), recorder)


@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress)],
)
def test_an_encoded_body_passes_encoded_and_is_recorded_decoded(
    coding: str, encode: object, recorder: Recorder
) -> None:
    assert callable(encode)
    encoded = response(
        encode(JSON), b"Content-Type: application/json", b"Content-Encoding: " + coding.encode()
    )
    _, exchange = same(Ask(path=b"/coded/" + coding.encode()), answer(encoded), recorder)
    assert exchange.response
    assert exchange.response.body
    assert exchange.response.body.encoding == coding
    assert json.loads(exchange.response.body.data()) == RESULT


ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
@pytest.mark.parametrize("end", ENDS)
def test_an_event_split_anywhere_passes_and_is_recorded_whole(
    end: str, bom: bytes, recorder: Recorder
) -> None:
    """Chunks of one byte split every character, every field name and every line end."""
    wire = bom + SSE.replace(b"\n", ENDS[end])
    single = stream_head() + chunked(*(bytes([byte]) for byte in wire))
    path = f"/events/{end}/{len(bom)}".encode()
    told, exchange = same(Ask(path=path), answer(single), recorder)
    (event,) = exchange.events
    assert told.response.body == wire
    assert (event.event, event.id, event.retry, event.comments) == ("message", "7", "10", 1)
    assert event.data
    assert json.loads(event.data.data()) == RESULT


def test_a_connection_serves_many_requests(recorder: Recorder) -> None:
    """Both ways keep it open, and the recorder calls it by one name."""

    async def script(turn: Turn) -> None:
        await turn.read()
        await turn.send(response(turn.request.body))
        turn.keep = True

    async def play() -> str:
        async with Origin(script) as origin:
            for way in (Direct(), recorder.way):
                connection = await way.connect(origin)
                for number in range(3):
                    body = b"%d" % number
                    ask = Ask(b"POST", b"/many/" + body, ((b"Content-Length", b"1"),), (body,))
                    told = await talk(ask, origin, way, connection)
                    assert told.response.body == told.request.body == body
                connection[1].close()
            return origin.url

    url = asyncio.run(play())
    exchanges = [recorder.exchange(f"{url}/many/{number}") for number in range(3)]
    assert len({exchange.request.connection for exchange in exchanges}) == 1
    assert len({exchange.response and exchange.response.upstream for exchange in exchanges}) == 1


def test_an_expectation_is_met_at_once_and_not_passed_on(recorder: Recorder) -> None:
    """The one known difference: mitmproxy itself says 100, as RFC 9110, 10.1.1 lets a proxy."""
    headers = ((b"Expect", b"100-continue"), (b"Content-Length", b"1"))

    async def play() -> Told:
        async with Origin(answer(response(b"done"))) as origin:
            return await talk(Ask(b"POST", b"/expect", headers, (b"x",)), origin, recorder.way)

    told = asyncio.run(play())
    assert [interim.status for interim in told.response.interim] == [100]
    assert told.response.body == b"done"
    assert told.request.body == b"x"
    assert told.request.header(b"expect") is None


TOKEN = st.text("abcXYZ019-_.!#", min_size=1, max_size=20).map(lambda name: b"X-" + name.encode())
VALUE = st.binary(max_size=60).map(
    lambda value: bytes(byte for byte in value if byte >= 32 and byte != 127).strip()
)
HEADERS = st.lists(st.tuples(TOKEN, VALUE), max_size=8).map(tuple)
PARTS = st.lists(st.binary(min_size=1, max_size=300), max_size=6)
KINDS = st.sampled_from(
    [b"text/event-stream", b"application/json", b"text/plain; charset=utf-16", b"text/html"]
)


@given(
    status=st.sampled_from([b"200 OK", b"202 ", b"301 Moved", b"400 Bad", b"404 X", b"503 ?"]),
    headers=HEADERS,
    kind=KINDS,
    parts=PARTS,
    framing=st.sampled_from(["length", "chunks", "close"]),
    cuts=st.lists(st.integers(0, 2000), max_size=4),
    asked=HEADERS,
    body=PARTS,
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_asked_and_answered_passes(
    status: bytes,
    headers: tuple[tuple[bytes, bytes], ...],
    kind: bytes,
    parts: list[bytes],
    framing: str,
    cuts: list[int],
    asked: tuple[tuple[bytes, bytes], ...],
    body: list[bytes],
    recorder: Recorder,
) -> None:
    lines = [b"%b: %b" % pair for pair in ((b"Content-Type", kind), *headers)]
    if framing == "chunks":
        lines.append(b"Transfer-Encoding: chunked")
        payload = chunked(*parts)
    else:
        payload = b"".join(parts)
    wire = response(payload, *lines, status=status, length=framing == "length")
    places = sorted({min(cut, len(wire)) for cut in cuts} | {0, len(wire)})
    pieces = [wire[a:b] for a, b in pairwise(places)]
    path = b"/generated/%d" % next(EXAMPLES)  # a port may come again
    ask = Ask(b"POST", path, (*asked, CHUNKED), (chunked(*body),))
    told, _ = same(ask, answer(*pieces), recorder)
    assert told.response.body == b"".join(parts)
    assert told.request.body == b"".join(body)


def test_requests_sent_at_once_are_answered_in_their_order(recorder: Recorder) -> None:
    """Pipelining (RFC 9112, 9.3.2)."""

    async def script(turn: Turn) -> None:
        await turn.read()
        await turn.send(response(turn.request.first_line))
        turn.keep = True

    async def play(way: Way) -> tuple[list[bytes], str]:
        async with Origin(script) as origin, asyncio.timeout(60):
            reader, writer = await way.connect(origin)
            paths = [b"/pipelined/%d" % number for number in range(5)]
            targets = [way.target(origin, path) for path in paths]
            writer.write(b"".join(Ask().head(origin.authority, target) for target in targets))
            answers = [await read_response(reader, b"GET", lambda piece: None) for _ in paths]
            writer.close()
            return [answer.body for answer in answers], origin.url

    direct, _ = asyncio.run(play(Direct()))
    recorded, url = asyncio.run(play(recorder.way))
    assert recorded == direct == [b"GET /pipelined/%d HTTP/1.1" % number for number in range(5)]
    assert all(recorder.exchange(f"{url}/pipelined/{number}").complete for number in range(5))
