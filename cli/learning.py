"""Analyses the recordings that a command was given, and warns of what they lack or mix."""

from collections.abc import Sequence
from pathlib import Path

import typer

from wiretape.analysis.analyse import Analysis, Engine, analyse
from wiretape.analysis.report.phrases import lacking, mixed
from wiretape.cli.bytes_read import BytesRead
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.printable import printable


def learn(recordings: Sequence[Path], engine: Engine) -> Analysis:
    """Analyse recordings, showing how far it is if that takes a while.

    Raises UsageError if one is given twice: all that is counted would be counted twice.
    """
    met: set[Path] = set()
    for path in recordings:
        if path.resolve() in met:
            raise UsageError(f"{path} is given twice: name each recording once")
        met.add(path.resolve())
    with BytesRead(recordings) as progress:
        found = analyse(recordings, engine, progress)
    for source in found.sources:
        _warn(f"{source.path}: ", lacking(source))
    _warn("", mixed(found.scene.services))
    return found


def _warn(where: str, said: str) -> None:
    if said:
        typer.echo(printable(f"warning: {where}{said}"), err=True)
