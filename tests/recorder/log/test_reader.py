import io
import tracemalloc
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.log.reader import Line, Reading, read
from wiretape.recorder.log.records import MAX_LINE, SCHEMA, Mark, Recording

AT = datetime(2025, 8, 29, 2, 9, 10, 217_000, tzinfo=UTC)
OPENING = Recording(schema=SCHEMA, recorder="0", name="r", start=AT, mode="forward")
FIRST = msgspec.json.encode(OPENING)
MARKS = [Mark(at=AT, t=float(n), name=str(n), detail="ü" * n) for n in range(3)]
LINES = [FIRST, *(msgspec.json.encode(mark) for mark in MARKS)]


def reading(*lines: bytes) -> Reading:
    return Reading(io.BytesIO(b"".join(line + b"\n" for line in lines)), "r.jsonl")


def error_of(*lines: bytes) -> str:
    with pytest.raises(BadInputError) as caught:
        list(reading(*lines))
    return str(caught.value)


def test_records_come_typed_and_numbered_after_the_opening(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"\n".join([*LINES, b""]))
    with read(path) as recording:
        assert recording.opening == OPENING
        assert list(recording) == [Line(number, mark) for number, mark in enumerate(MARKS, 2)]
        assert recording.cut is None


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nowhere\.jsonl: No such file"):
        read(tmp_path / "nowhere.jsonl").__enter__()


def test_a_file_that_opens_but_does_not_read_is_a_fault_of_the_machine() -> None:
    with (
        pytest.raises(EnvironmentFaultError, match="/proc/self/mem: Input/output error"),
        read(Path("/proc/self/mem")),
    ):
        pass


@given(st.data())
def test_wherever_the_last_line_is_cut_that_is_reported_and_the_rest_is_read(
    data: st.DataObject,
) -> None:
    whole = b"\n".join([*LINES, b""])
    at = data.draw(st.integers(len(FIRST) + 1, len(whole)))
    recording = Reading(io.BytesIO(whole[:at]), "r.jsonl")
    marks = [line.record for line in recording]
    kept = sum(whole[:at].startswith(b"\n".join(LINES[:n])) for n in range(2, 5))
    assert marks == MARKS[:kept]
    leftover = whole[len(b"\n".join(LINES[: kept + 1])) : at].strip()
    assert recording.cut == (kept + 2 if leftover else None)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "empty line"),
        (b"{", "truncated"),
        (b'{"type":"mark","at":"2025-08-29T02:09:10Z","t":1}', "missing required field `name`"),
        (b'{"type":"mark","at":"2025-08-29T02:09:10","t":1,"name":"x"}', "timezone"),
        (b'{"type":"spark"}', "Invalid value 'spark'"),
        (b'{"type":"mar\\u001b[2Jk"}', r"mar\x1b[2Jk"),
        (b'{"type":"mark","name":"\xff"}', "can't decode byte 0xff"),
        (b'{"type":"mark","x":' + b"[" * 100_000, "nested too deeply"),
        (FIRST, "several recordings in one file"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(line: bytes, what: str) -> None:
    message = error_of(LINES[0], LINES[1], line, LINES[2])
    assert message.startswith("r.jsonl:3: ")
    assert what in message
    assert message.isprintable()


def test_a_line_beyond_the_bound_is_an_error_and_not_read_further() -> None:
    class Endless:
        served = 0

        def readline(self, limit: int) -> bytes:
            line = FIRST + b"\n" if not self.served else b"x" * limit
            self.served += len(line)
            return line

    stream = Endless()
    recording = Reading(stream, "r.jsonl")
    with pytest.raises(BadInputError, match=r"r\.jsonl:2: longer than 64 MiB"):
        list(recording)
    assert stream.served < MAX_LINE + 1000


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (b"", "not the first line"),
        (LINES[1], "not the first line of a recording: Invalid value 'mark'"),
        (b"[1]", "not the first line"),
        (b'{"type":"recording","schema":"har/1"}', "not a recording: schema 'har/1'"),
        (
            b'{"type":"recording","schema":"wiretape/1"}',
            "not the first line of a recording: Object missing",
        ),
        (b"[" * 100_000, "not the first line"),
    ],
)
def test_a_file_that_begins_otherwise_is_no_recording(first: bytes, what: str) -> None:
    assert f"r.jsonl:1: {what}" in error_of(first, *LINES[1:])


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([b"\x1f\x8b\x08\x00"], "compressed with gzip"),
        ([b"\xef\xbb\xbf" + FIRST], "begins with a byte order mark"),
        ([FIRST.decode().encode("utf-16")], "begins with a byte order mark"),
        ([b'{"log":{"version":"1.2"}}'], "this is a HAR file: wiretape import r.jsonl"),
        ([b"{", b'  "log": {'], "this is a HAR file: wiretape import r.jsonl"),
        ([b'name = "official"'], "this is a profile, not a recording"),
        ([b"# mine", b'name = "official"'], "this is a profile, not a recording"),
    ],
)
def test_a_file_that_is_something_else_is_called_what_it_is(lines: list[bytes], what: str) -> None:
    assert error_of(*lines).startswith(f"r.jsonl: {what}")


def test_a_file_that_is_something_else_needs_no_line_end() -> None:
    with pytest.raises(
        BadInputError, match=r"^r\.har: this is a HAR file: wiretape import r\.har$"
    ):
        Reading(io.BytesIO(b'{"log":{}}'), "r.har")


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    message = error_of(b'{"type":"recording","schema":"wiretape/2","other":[1]}', b'{"type":"new"}')
    assert message == (
        "r.jsonl:1: schema 'wiretape/2' is not known here: this version reads 'wiretape/1';"
        " upgrade wiretape to read it"
    )


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert error_of() == "r.jsonl: empty, not even the first line of a recording"


def test_a_cut_first_line_is_said_to_be_cut() -> None:
    with pytest.raises(BadInputError, match=r"r\.jsonl:1: the first line is cut off"):
        Reading(io.BytesIO(FIRST[:20]), "r.jsonl")


def test_fields_that_are_not_known_are_ignored() -> None:
    line = LINES[1][:-1] + b',"later":{"a":[1]}}'
    assert [item.record for item in reading(FIRST, line)] == MARKS[:1]


@given(st.lists(st.binary(max_size=60)))
def test_no_bytes_raise_anything_but_the_documented_error(lines: Iterable[bytes]) -> None:
    with suppress(BadInputError):
        list(reading(FIRST, *lines))


class Served:
    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)

    def readline(self, limit: int) -> bytes:
        return next(self._lines, b"")


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    def peak(lines: int) -> int:
        stream = chain([FIRST + b"\n"], repeat(LINES[3] + b"\n", lines))
        recording = Reading(Served(stream), "r.jsonl")
        tracemalloc.start()
        count = sum(1 for _ in recording)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == lines
        return peak

    peak(100)
    assert peak(20_000) < peak(1_000) + 10_000
