import dataclasses
import io
import re
import tracemalloc
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Raw
from msgspec.structs import replace

from arbitrary import ENTRIES
from play import OPENING, Play
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.log.reader import Line, Reading, read
from wiretape.recorder.log.records import (
    AnyRecord,
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
from wiretape.recorder.redaction.again import entry, opening, redact_again
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.redaction.rules import DEFAULT, ShapeRule

MCP = "https://mcp.example.com/mcp"
TOKEN = "eW91c2hhbGxub3RwYXNz0123456789ab"
BADGE = "badge-4711"  # what only a user's rule takes for a secret
BADGES = dataclasses.replace(DEFAULT, shapes=(ShapeRule("badge", re.compile("badge-[0-9]+")),))
WHEN = {"at": OPENING.start, "t": 0.0}
WHERE = WHEN | {"exchange": 1, "connection": "c1"}


def redactor() -> Redactor:
    return Redactor(bytes(32), BADGES)


def reading(*records: AnyRecord, end: bytes = b"") -> Reading:
    lines = [msgspec.json.encode(record) + b"\n" for record in (OPENING, *records)]
    return Reading(io.BytesIO(b"".join(lines) + end), "r.jsonl")


def written(path: Path) -> list[Line]:
    with read(path) as recording:
        return list(recording)


def body(content: Content, media_type: str | None = None) -> Body:
    data = content.data()
    fields = msgspec.structs.asdict(content)
    return Body(**fields, size=len(data), sha256=digest(data), media_type=media_type)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (Content(json=Raw(b'{"access_token":"%s"}' % TOKEN.encode())), "json"),
        (Content(form=(("a", "b c"), ("refresh_token", TOKEN))), "form"),
        (Content(text=f"Authorization: Bearer {TOKEN}"), "text"),
        (Content(text='{"access_token":"' + TOKEN + '","cut', cut=True), "text"),
        (
            Content(base64="/2FjY2Vzc190b2tlbj1lVzkxYzJoaGJHeHViM1J3WVhOejAxMjM0NTY3ODlhYg=="),
            "base64",
        ),
    ],
)
def test_content_is_redacted_and_keeps_its_form(content: Content, form: str) -> None:
    before = body(content)
    assert TOKEN.encode() in before.data()
    found = entry(
        Response(**WHERE, status=200, reason="", http="", headers=(), body=before), redactor()
    )
    assert isinstance(found, Response)
    after = found.body
    assert after is not None
    assert TOKEN.encode() not in after.data()
    assert len(after.data()) == len(before.data())
    assert getattr(after, form) not in (None, UNSET)
    assert after.sha256 == digest(after.data())
    assert (after.size, after.cut) == (before.size, before.cut)


def test_every_text_of_every_record_is_redacted() -> None:
    content, pairs = Content(text=BADGE), (("X-Badge", BADGE),)
    records: list[Entry] = [
        Request(
            **WHERE,
            method="POST",
            url=f"{MCP}?q={BADGE}",
            http="HTTP/2.0",
            headers=pairs,
            trailers=pairs,
            body=body(content, f"text/plain; a={BADGE}"),
        ),
        Response(
            **WHERE,
            status=200,
            reason=BADGE,
            http="HTTP/2.0",
            headers=pairs,
            trailers=pairs,
            body=replace(body(content), undecoded=BADGE),
        ),
        Event(**WHERE, index=0, size=0, event=BADGE, id=BADGE, retry=BADGE, data=content),
        End(**WHERE, how="error", detail=BADGE),
        Error(**WHERE, kind="tls", detail=BADGE, peer=BADGE),
        Mark(**WHEN, name="step", detail=BADGE),
        Gap(**WHEN, reason=BADGE, lost=1),
    ]
    for record in records:
        before, after = msgspec.json.encode(record), msgspec.json.encode(entry(record, redactor()))
        assert BADGE.encode() in before
        assert BADGE.encode() not in after
        assert len(after) == len(before)


def test_the_first_line_names_the_new_key() -> None:
    known = redactor()
    after = opening(replace(OPENING, key_id="old", provenance=BADGE), known)
    assert after.key_id == known.key_id
    assert after.provenance != BADGE
    assert replace(after, key_id=None, provenance=None) == replace(OPENING, key_id=None)


def test_equal_secrets_stay_equal(tmp_path: Path) -> None:
    play = Play()
    play.answer(play.post(MCP, {"access_token": TOKEN}), {"token": TOKEN})
    redact_again(reading(*play.records), tmp_path / "o.jsonl", redactor())
    request, response = (record for _, record in written(tmp_path / "o.jsonl")[:2])
    assert isinstance(request, Request)
    assert isinstance(response, Response)
    assert request.body is not None
    assert response.body is not None
    sent = msgspec.json.decode(request.body.data())["access_token"]
    assert sent == msgspec.json.decode(response.body.data())["token"] != TOKEN


def test_json_that_redaction_breaks_is_a_text() -> None:
    careless = dataclasses.replace(DEFAULT, shapes=(ShapeRule("x", re.compile('a":true')),))
    found = entry(
        Event(**WHERE, index=0, size=4, data=Content(json=Raw(b'{"a":true}'))),
        Redactor(bytes(32), careless),
    )
    assert isinstance(found, Event)
    assert found.data is not None
    assert found.data.json is UNSET
    assert (found.data.text or "").startswith('{"')


def test_a_cut_last_line_becomes_a_gap(tmp_path: Path) -> None:
    mark = Mark(at=OPENING.start, t=1.5, name="step")
    redact_again(reading(mark, end=b'{"type":'), tmp_path / "o", redactor())
    assert [record for _, record in written(tmp_path / "o")] == [
        mark,
        Gap(at=OPENING.start, t=1.5, reason="the last line was cut off", lost=1),
    ]


@pytest.mark.parametrize(
    ("recording", "what"),
    [
        (reading(end=b"{}\n{}\n"), "r.jsonl:2: "),
        (
            reading(Response(**WHERE, status=200, reason="", http="", headers=(("a", "☃"),))),
            "r.jsonl:2: 'latin-1' codec can't encode",
        ),
        (
            reading(Event(**WHERE, index=0, size=0, data=Content(base64="a"))),
            "r.jsonl:2: Invalid base64",
        ),
    ],
)
def test_of_a_bad_recording_nothing_is_left(tmp_path: Path, recording: Reading, what: str) -> None:
    with pytest.raises(BadInputError, match=what):
        redact_again(recording, tmp_path / "o", redactor())
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "o"
    out.write_text("mine")
    with pytest.raises(EnvironmentFaultError, match="File exists"):
        redact_again(reading(), out, redactor())
    assert out.read_text() == "mine"


@given(st.lists(ENTRIES, max_size=6))
@settings(deadline=None)
def test_whatever_stands_in_a_record_it_is_redacted_or_refused(records: list[Entry]) -> None:
    for record in records:
        try:
            after = entry(record, redactor())
        except ValueError:
            continue
        again = msgspec.json.decode(msgspec.json.encode(after), type=type(record))
        assert msgspec.json.encode(again) == msgspec.json.encode(after)


class Endless:
    """A recording of many lines that is nowhere in memory."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def readline(self, _limit: int, /) -> bytes:
        return next(self._lines, b"")


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    play = Play()
    play.answer(play.post(MCP, {"access_token": TOKEN}), {"token": TOKEN})
    lines = [msgspec.json.encode(record) + b"\n" for record in play.records]

    times = 5000
    many = chain([msgspec.json.encode(OPENING) + b"\n"], *repeat(lines, times))
    tracemalloc.start()
    redact_again(Reading(Endless(many), "r.jsonl"), tmp_path / "o", redactor())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < times * sum(map(len, lines)) / 2
