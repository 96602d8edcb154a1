"""Server-sent events: whatever the chunks, line ends and breaks, the same events come out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.wire.sse import EventStream, ServerSentEvent

LIMIT = 1 << 20


def read(*chunks: bytes, limit: int = LIMIT) -> list[ServerSentEvent]:
    stream = EventStream(limit)
    events = [event for chunk in chunks for event in stream.feed(chunk)]
    last = stream.close()
    return [*events, last] if last else events


def test_an_event_has_the_fields_that_were_sent():
    (event,) = read(b"event: message\nid: 7\nretry: 3000\ndata: one\ndata: two\n\n")
    assert event.event == b"message"
    assert event.id == b"7"
    assert event.retry == b"3000"
    assert event.data == b"one\ntwo"
    assert not event.incomplete


def test_a_field_that_was_not_sent_is_absent_and_an_empty_one_is_not():
    (event,) = read(b"id\ndata:\n\n")
    assert (event.id, event.data) == (b"", b"")
    assert (event.event, event.retry) == (None, None)


def test_an_event_without_data_is_kept():
    assert [event.id for event in read(b"id: 1\n\nretry: 5\n\n")] == [b"1", None]


def test_comments_are_counted_with_the_event_after_them():
    stream = EventStream(LIMIT)
    events = list(stream.feed(b": keep-alive\n\n:\n\ndata: x\n\ndata: y\n\n: last\n\n"))
    assert [event.comments for event in events] == [2, 0]
    assert stream.comments == 3


def test_only_one_space_after_the_colon_is_taken_away():
    (event,) = read(b"data:  indented\n\n")
    assert event.data == b" indented"


def test_a_byte_order_mark_is_not_part_of_the_first_field():
    assert read(b"\xef\xbb", b"\xbfdata: x\n\n")[0].data == b"x"


def test_unknown_fields_are_passed_over():
    assert read(b"colour: red\ndata: x\n\n")[0].data == b"x"
    assert read(b"colour: red\n\n") == []


def test_what_a_broken_stream_leaves_is_told_as_incomplete():
    complete, broken = read(b"data: one\n\ndata: tw")
    assert not complete.incomplete
    assert broken.incomplete
    assert broken.data == b"tw"


def test_a_carriage_return_ends_an_event_before_the_next_byte_comes():
    stream = EventStream(LIMIT)
    assert [event.data for event in stream.feed(b"data: x\r\r")] == [b"x"]
    assert [event.data for event in stream.feed(b"\ndata: y\r\n\r\n")] == [b"y"]


def test_an_event_beyond_the_limit_is_cut_and_the_next_one_is_whole():
    long, short = read(b"data: " + b"x" * 100 + b"\n\ndata: short\n\n", limit=50)
    assert long.cut
    assert long.data == b"x" * 44
    assert long.size == 108
    assert short.data == b"short"
    assert not short.cut


def test_a_line_that_never_ends_takes_no_more_memory_than_the_limit():
    stream = EventStream(1000)
    for _ in range(10_000):
        assert list(stream.feed(b"x" * 1000)) == []
    assert stream.close() is None


def test_keep_alives_do_not_use_up_the_room_of_the_next_event():
    (event,) = read(b": keep-alive\n\n" * 1000 + b"data: x\n\n", limit=100)
    assert event.data == b"x"
    assert not event.cut


fields = st.sampled_from(
    [b"event: a", b"id: 1", b"retry: 10", b"data: x", b"data: \xc3\xa9", b": c"]
)
lines = st.one_of(
    fields,
    st.just(b""),
    st.binary(max_size=8).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b"")),
)
streams = st.lists(st.tuples(lines, st.sampled_from([b"\n", b"\r\n", b"\r"])), max_size=30).map(
    lambda parts: b"".join(line + end for line, end in parts)
)


@given(streams, st.lists(st.integers(0, 400), max_size=20))
def test_chunks_do_not_matter(stream: bytes, cuts: list[int]):
    bounds = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [stream[start:end] for start, end in pairwise(bounds)]
    assert read(*chunks) == read(stream)
    assert read(*[stream[i : i + 1] for i in range(len(stream))]) == read(stream)


@given(st.binary(max_size=300))
def test_no_bytes_upset_it(stream: bytes):
    read(stream)
    assert sum(event.size for event in read(stream)) <= len(stream)


@given(st.lists(st.text(max_size=20), min_size=1), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_data_comes_out_as_it_went_in(texts: list[str], end: bytes):
    texts = [text.replace("\r", "").replace("\n", "") for text in texts]
    wire = b"".join(b"data: " + text.encode() + end for text in texts) + end
    assert read(wire)[0].data == "\n".join(texts).encode()
