"""The endpoint event: its URL changes, no other byte waits, chunks split anywhere."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wiretape.recorder.capture.reverse.endpoint import EndpointRewriter

UPSTREAM, LOCAL = b"https://mcp.example", b"http://127.0.0.1:8484"


def change(data: bytes) -> bytes:
    return LOCAL + data.removeprefix(UPSTREAM) if data.startswith(UPSTREAM) else data


def rewritten(*chunks: bytes) -> bytes:
    rewriter = EndpointRewriter(change)
    return b"".join(map(rewriter.feed, chunks)) + rewriter.close()


@pytest.mark.parametrize(
    "stream",
    [
        b"event: endpoint\ndata: %b/m?s=1\n\n",
        b"event:endpoint\r\ndata:%b/m?s=1\r\n\r\n",
        b"event: endpoint\rdata: %b/m?s=1\r\r",
        b"data: %b/m?s=1\nevent: endpoint\n\n",
        b"data: %b/m\nid: 1\n: comment\nevent: endpoint\nretry: 1\n\n",
        b"\xef\xbb\xbfevent: endpoint\ndata: %b/m\n\n",
        b"\xef\xbb\xbfdata: %b/m\nevent: endpoint\n\n",
        b": hello\n\nevent: endpoint\ndata: %b/m\n\nevent: message\ndata: {}\n\n",
        b"event: message\nevent: endpoint\ndata: %b/m\n\n",
    ],
)
def test_an_absolute_url_becomes_the_local_one(stream: bytes) -> None:
    assert rewritten(stream % UPSTREAM) == stream % LOCAL


@pytest.mark.parametrize(
    "stream",
    [
        b"event: endpoint\ndata: /m?s=1\n\n",
        b"event: endpoint\ndata: https://other.example/m\n\n",
        b"event: endpoint\ndata:  %b/m\n\n",
        b"event: endpoint\nevent: message\ndata: %b/m\n\n",
        b"event: endpoint\nevent\ndata: %b/m\n\n",
        b"event: endpoints\ndata: %b/m\n\n",
        b"event: endpoint\n\ndata: %b/m\n\n",
        b"data: %b/m\n\nevent: endpoint\n\n",
        b"event: message\ndata: %b/m\n\n",
        b'event: endpoint\ndata: {"a": "%b"}\n\n',
        b"event: endpoint\nid: %b\n\n",
        b"event: endpoint\ndata: h\ndata: %b/m",
        b"event: endpoint\ndata: %b/m",
        b"event: endpoint\ndata: %b/m\n",
        b"",
    ],
)
def test_anything_else_stays(stream: bytes) -> None:
    stream = stream.replace(b"%b", UPSTREAM)
    assert rewritten(stream) == stream


def test_a_url_that_never_ends_is_not_waited_for() -> None:
    rewriter = EndpointRewriter(change)
    stream = b"event: endpoint\ndata: " + UPSTREAM + b"/" * 100_000
    assert rewriter.feed(stream) == stream
    assert rewriter.feed(UPSTREAM) == UPSTREAM
    rest = b"\n\nevent: endpoint\ndata: %b/m\n\n"
    assert rewriter.feed(rest % UPSTREAM) == rest % LOCAL


def test_of_an_endpoint_event_only_the_url_waits() -> None:
    rewriter = EndpointRewriter(change)
    assert rewriter.feed(b"event: endpoint\ndata: ") == b"event: endpoint\ndata: "
    assert rewriter.feed(UPSTREAM) == b""
    assert rewriter.feed(b"/m\n") == b""
    assert rewriter.feed(b"\nev") == LOCAL + b"/m\n\nev"


def test_what_only_began_like_a_url_goes_on_as_soon_as_that_is_seen() -> None:
    rewriter = EndpointRewriter(change)
    assert rewriter.feed(b"data: ht") == b"data: "
    assert rewriter.feed(b"ml") == b"html"
    assert rewriter.feed(b"\ndata: http") == b"\ndata: "
    assert rewriter.feed(b"\n") == b"http\n"


LINES = st.lists(
    st.sampled_from(
        [
            b"event: endpoint",
            b"event:endpoint",
            b"event: message",
            b"event",
            b"data: " + UPSTREAM + b"/m",
            b"data:" + UPSTREAM,
            b"data: https://other.example",
            b"data: htt",
            b'data: {"jsonrpc": "2.0"}',
            b"id: 1",
            b": comment",
            b"",
            b"",
            b"\xef\xbb\xbf",
        ]
    ),
    max_size=12,
)
STREAMS = st.builds(
    lambda begin, lines, ends: begin + b"".join(map(b"".join, zip(lines, ends, strict=False))),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    LINES,
    st.lists(st.sampled_from([b"\n", b"\r", b"\r\n"]), min_size=12, max_size=12),
)


def chunks(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(places)]


@given(STREAMS, st.lists(st.integers(0, 1000), max_size=20))
@example(b"event: endpoint\r\ndata: " + UPSTREAM + b"\r\n\r\n", list(range(80)))
def test_chunks_make_no_difference(stream: bytes, cuts: list[int]) -> None:
    assert rewritten(*chunks(stream, cuts)) == rewritten(stream)


@given(STREAMS.filter(lambda stream: b"data: h" not in stream and b"data:h" not in stream))
def test_no_byte_waits_where_there_is_no_absolute_url(stream: bytes) -> None:
    rewriter = EndpointRewriter(change)
    assert [rewriter.feed(bytes([byte])) for byte in stream] == [bytes([byte]) for byte in stream]


@given(STREAMS)
def test_an_event_is_never_later_than_its_end(stream: bytes) -> None:
    """Whatever precedes the blank line's end has passed once that has come."""
    rewriter = EndpointRewriter(change)
    sent = b""
    for end in range(len(stream)):
        sent += rewriter.feed(stream[end : end + 1])
        if stream[: end + 1].endswith((b"\n\n", b"\r\r", b"\r\n\r\n")):
            assert sent == rewritten(stream[: end + 1])
            assert rewriter.close() == b""
