"""The options of `wiretape replay` that say how recordings are answered from, and what it tells."""

import re
from pathlib import Path
from typing import Annotated, get_args

import typer

from wiretape.analysis.engines import local
from wiretape.cli.bytes_read import BytesRead
from wiretape.cli.learning import learn
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable
from wiretape.replay.journal import Miss
from wiretape.replay.recorded.index import Match
from wiretape.replay.recorded.knowing import Known, known
from wiretape.replay.recorded.missing import sentence
from wiretape.replay.recorded.player import Matching
from wiretape.replay.service import Service

_SHOWN = 10
_MODES: tuple[Match, ...] = get_args(Match.__value__)

Recordings = Annotated[
    list[Path] | None,
    typer.Option(
        "--recording", metavar="FILE", readable=False, help="Answer calls as in this recording."
    ),
]
Matches = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        metavar="[NAME=]HOW",
        help="How calls are found there: exact, params, method or sequence; of one tool if named.",
    ),
]
Assume = Annotated[
    bool, typer.Option("--assume", help="Answer what is not recorded from the tools' schemas.")
]
PaceOf = Annotated[
    str,
    typer.Option(
        "--pace",
        metavar="fast|recorded|FACTOR",
        help="Answer at once, or after as long as recorded, times this.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 1 after misses, or if calls were not asked.")
]


def remembered(name: str, recordings: list[Path]) -> Known:
    """Read what is known, showing how far it is if that takes a while."""
    twice = {path for path in recordings if recordings.count(path) > 1}
    if twice:
        raise UsageError(f"{min(twice)} is given twice: name each recording once")
    with BytesRead([Path(name), *recordings]) as progress:
        found = known(
            name,
            recordings,
            lambda paths: learn(paths, lambda some, heard: local.fold(some, 1, heard)),
            progress,
        )
    if found.recorded is not None and not found.recorded.interactions:
        typer.echo("wiretape: no call in the recording was answered", err=True)
    return found


def check(found: Known, match: list[str] | None, *, strict: bool) -> None:
    """Refuse what means nothing without recordings. Raises UsageError."""
    for option, said in (("--match", match), ("--strict", strict)):
        if said and found.recorded is None:
            raise UsageError(f"{option} is about recordings: name one with --recording")


def matching(said: list[str]) -> Matching:
    """Read the values of `--match`. Raises UsageError."""
    default: Match = "params"
    by_name: dict[str, Match] = {}
    for each in said:
        name, _, how = each.rpartition("=")
        mode = next((mode for mode in _MODES if mode == how), None)
        if mode is None:
            raise UsageError(f"--match {each}: say {', '.join(_MODES)}, or TOOL=HOW")
        if name:
            by_name[name] = mode
        else:
            default = mode
    return Matching(default, by_name)


def pace(said: str) -> float:
    """Read the value of `--pace`: how many times as long as recorded. Raises UsageError."""
    if said in {"fast", "recorded"}:
        return float(said == "recorded")
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", said):
        raise UsageError(f"--pace {said}: say fast, recorded, or a factor such as 0.5")
    return float(said)


def tell(miss: Miss) -> None:
    """Say at once what nothing recorded answers."""
    typer.echo(f"wiretape: {printable(sentence(miss))}", err=True)


def summed_up(service: Service) -> list[str]:
    """Say what was missed, and what was not asked; nothing if all is well."""
    player = service.world.player
    if player is None:
        return []
    lines = []
    if player.misses:
        lines.append(f"{counted(player.misses, 'request')} found no recorded answer")
    left = service.unplayed()
    if left:
        lines.append(f"{counted(len(left), 'recorded call')} not asked:")
        shown = left[:_SHOWN]
        lines += [f"  {each.place} {each.method} {each.name or ''}".rstrip() for each in shown]
        lines += [f"  and {len(left) - _SHOWN} more"] if len(left) > _SHOWN else []
    return [printable(line) for line in lines]
