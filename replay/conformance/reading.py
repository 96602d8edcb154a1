"""Reads a recording into the evidence of its trials."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import Line, read
from wiretape.recorder.log.records import Mark, Request
from wiretape.replay.conformance.evidence import (
    NOTE,
    OVER,
    SIDES,
    STEP,
    STUCK,
    TRIAL,
    Evidence,
    Note,
    Sides,
    Turn,
)


class _Sides(msgspec.Struct):
    target: frozenset[str]
    service: frozenset[str]


def sides_mark(sides: Sides) -> str:
    """Give the detail of the mark that says where the sides are."""
    told = {"target": sorted(sides.target), "service": sorted(sides.service)}
    return msgspec.json.encode(told).decode()


@dataclass(frozen=True)
class Whole:
    """All evidence of a recording: of its trials by name, and of everything together."""

    everything: Evidence
    trials: dict[str, Evidence] = field(default_factory=dict)


def evidence(path: Path, sides: Sides | None = None) -> Whole:
    """Read a recording. Raises BadInputError for what is none, or if nothing tells the `sides`."""
    with read(path) as lines:
        kept = list(lines)
    found = sides or sides_told(kept)
    if found is None:
        raise BadInputError(
            f"{path}: does not tell which side is the target's; say --target-origin URL"
        )
    return sorted_out(kept, found)


def sides_told(lines: Iterable[Line]) -> Sides | None:
    """Give the sides that a recording tells of itself: a service may be at more places later."""
    found: list[_Sides] = []
    for _, record in lines:
        if isinstance(record, Mark) and record.name == SIDES and record.detail is not None:
            try:
                found.append(msgspec.json.decode(record.detail, type=_Sides))
            except ValueError:
                continue
    if not found:
        return None
    target, service = (each.target for each in found), (each.service for each in found)
    return Sides(frozenset().union(*target), frozenset().union(*service))


@dataclass
class _Trial:
    turns: list[Turn] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    stuck: str | None = None

    def evidence(self, name: str | None) -> Evidence:
        turns = sorted(self.turns, key=lambda turn: turn.exchange.lines.request)
        return Evidence(name, tuple(turns), tuple(self.notes), self.stuck)


class _Sorting:
    """Takes lines in their order, and keeps which trial and step each request is of."""

    def __init__(self) -> None:
        self.everything = _Trial()
        self.trials: dict[str, _Trial] = {}
        self.at: dict[int, tuple[_Trial | None, str | None]] = {}
        self._trial: _Trial | None = None
        self._step: str | None = None

    def take(self, line: Line) -> None:
        """Take a line."""
        if isinstance(line.record, Request):
            self.at[line.number] = (self._trial, self._step)
        elif isinstance(line.record, Mark):
            self._mark(line.record.name, line.record.detail or "", line.number)

    def _mark(self, name: str, detail: str, line: int) -> None:
        if name == TRIAL:
            self._trial, self._step = self.trials.setdefault(detail, _Trial()), None
        elif name == OVER:
            self._trial = self._step = None
        elif name == STEP:
            self._step = detail
        elif name == STUCK and self._trial is not None:
            self._trial.stuck = detail
        elif name.startswith(f"{NOTE}: "):
            note = Note(name.removeprefix(f"{NOTE}: "), detail, self._step, line)
            for kept in (self.everything, self._trial):
                if kept is not None:
                    kept.notes.append(note)


def sorted_out(lines: Sequence[Line], sides: Sides) -> Whole:
    """Sort exchanges by side, trial and step."""
    sorting = _Sorting()
    for line in lines:
        sorting.take(line)
    for exchange in exchanges(lines):
        side = sides.of(exchange.request.url)
        if side is None:
            continue
        trial, step = sorting.at[exchange.lines.request]
        turn = Turn(exchange, side, step)
        sorting.everything.turns.append(turn)
        if trial is not None:
            trial.turns.append(turn)
    trials = {name: trial.evidence(name) for name, trial in sorting.trials.items()}
    return Whole(sorting.everything.evidence(None), trials)
