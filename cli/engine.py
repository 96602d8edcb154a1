"""The options that say where recordings are folded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from wiretape.analysis.analyse import Engine
from wiretape.analysis.engines import dask, local
from wiretape.analysis.observers import Watchers, observers
from wiretape.recorder.errors import UsageError

Jobs = Annotated[int, typer.Option(min=1, metavar="N", help="How many processes read.")]
EngineName = Annotated[
    Literal["local", "dask"],
    typer.Option("--engine", help="Read here, or on a Dask cluster (wiretape\\[dask])."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="The cluster's scheduler, such as tcp://host:8786; without it one is started here.",
    ),
]


def chosen(
    name: Literal["local", "dask"],
    jobs: int,
    scheduler: str | None,
    watchers: Watchers = observers,
) -> Engine:
    """Give the engine that the options name; raises UsageError if they contradict each other."""
    if name == "local" and scheduler is not None:
        raise UsageError("--scheduler is for the Dask engine: add --engine dask")
    if name == "dask" and jobs != 1:
        raise UsageError("--jobs is for the local engine; a cluster has its own workers")
    if scheduler is not None and "@" in scheduler:
        raise UsageError("--scheduler: no user or password, Dask has none; say tcp://HOST:PORT")
    if name == "dask":
        return lambda paths, progress: dask.fold(
            _everywhere(paths), scheduler, progress, watchers=watchers
        )
    return lambda paths, progress: local.fold(paths, jobs, progress, watchers=watchers)


def _everywhere(paths: Sequence[Path]) -> list[Path]:
    return [path.absolute() for path in paths]
