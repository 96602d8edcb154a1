"""Recordings gone wrong: real ones with values replaced, cut, doubled or taken away at random."""

import json
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import msgspec
from msgspec import UNSET, Raw, structs

from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Content, Entry, Event, Mark, Request, Response
from wiretape.replay.conformance.evidence import NOTE, OVER, TRIAL

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, 2**70, "", "x", "\x1b[2J", "é", "{", "nan", "Bearer "),
    *("http://[", "//", "http://h:99999/", "http://h:x/", "http://\u2100/", "?code=x&state=x"),
    *([], {}, [None], [1], ["a"], [[]], [{}], {"a": 1}, [{"name": []}], {"name": {}}, {"id": None}),
)
"""Values that nobody expects where they are put."""


def trials(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Give the lines of each trial, from its mark to that of its end."""
    found: dict[str, list[Line]] = {}
    within: list[Line] = []
    for line in lines:
        mark = line.record if isinstance(line.record, Mark) else None
        if mark is not None and mark.name == TRIAL:
            within = found.setdefault(mark.detail or "", [])
        within.append(line)
        if mark is not None and mark.name == OVER:
            within = []
    return found


def mangled(lines: Sequence[Line], random: Random) -> list[Line]:
    """Leave out some records, and replace something in others; steps and trials stay."""
    rate = random.choice([0.02, 0.1, 0.3, 0.6])
    kept = (each for each in lines if _is_mark(each) or random.random() > rate / 6)
    return [
        line._replace(record=_mangled(line.record, random)) if random.random() < rate else line
        for line in kept
    ]


def _is_mark(line: Line) -> bool:
    return isinstance(line.record, Mark)


def _mangled(record: Entry, random: Random) -> Entry:
    match record:
        case Mark():
            return _remarked(record, random) if record.name.startswith(NOTE) else record
        case Request() | Response() if record.body is not None and random.random() < 0.6:
            return structs.replace(record, body=_rewritten(record.body, random))
        case Event() if record.data is not None and random.random() < 0.8:
            return structs.replace(record, data=_rewritten(record.data, random))
        case _:
            written = _altered(msgspec.json.decode(msgspec.json.encode(record)), random)
            try:
                return msgspec.json.decode(json.dumps(written), type=Entry)
            except ValueError:  # not of this schema: no such line is read
                return record


def _remarked(note: Mark, random: Random) -> Mark:
    try:
        written = json.dumps(_altered(json.loads(note.detail or ""), random))
    except ValueError:
        written = _altered(note.detail, random)
    return structs.replace(note, detail=written if isinstance(written, str) else str(written))


def _rewritten[C: Content](content: C, random: Random) -> C:
    if content.json is not UNSET:
        written = _altered(json.loads(bytes(content.json)), random)
        return structs.replace(content, json=Raw(json.dumps(written).encode()))
    if content.form is not None and random.random() < 0.3:
        written = _altered(dict(content.form), random)
        return structs.replace(content, form=None, json=Raw(json.dumps(written).encode()))
    if content.form is not None:
        form = [*content.form, *random.sample(content.form, k=min(1, len(content.form)))]
        said = tuple((name, str(_altered(value, random))) for name, value in form)
        return structs.replace(content, form=said)
    return structs.replace(content, text=str(_altered(content.text or "", random)))


def _altered(value: Any, random: Random) -> Any:
    """Give a value with something in it replaced, cut, doubled or taken away."""
    if not value or random.random() < 0.15:
        return random.choice(ODD)
    match value:
        case dict():
            name = random.choice(list(value))
            rest = {key: each for key, each in value.items() if key != name}
            return rest if random.random() < 0.15 else rest | {name: _altered(value[name], random)}
        case list():
            at = random.randrange(len(value))
            again = random.choice([[], [_altered(value[at], random)], [value[at], value[at]]])
            return [*value[:at], *again, *value[at + 1 :]]
        case str():
            at = random.randrange(len(value))
            return value[:at] + random.choice(["", *'[]:{}%\x00é" ']) + value[at + 1 :]
        case _:
            return random.choice(ODD)
