"""What `wiretape replay` is told about being controlled, and how it then is."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from wiretape.recorder.errors import UsageError
from wiretape.replay.control import access
from wiretape.replay.control.hosting import Hosting

File = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="WIRETAPE_CONTROL_FILE",
        help="Let wiretape control change it while it runs; FILE tells that how.",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, metavar="PORT", help="Where to be controlled; 0: any."),
]


class Control(NamedTuple):
    """How services are to be controlled."""

    file: Path | None
    port: int


def control(file: Path | None, port: int | None) -> Control | None:
    """Say how they are to be controlled, if at all; somebody has to know the secret."""
    if file is None and port is None:
        return None
    if file is None and not os.environ.get(access.SECRET):
        raise UsageError(f"--control-port: say --control-file FILE too, or set {access.SECRET}")
    used = access.in_use(file) if file is not None else None
    if used is not None:
        raise UsageError(f"{file}: a service at {used} is controlled by it; say another file")
    return Control(file, port or 0)


@asynccontextmanager
async def controlled(services: Hosting, how: Control, *, quiet: bool) -> AsyncIterator[None]:
    """Let services be controlled, and tell where."""
    from wiretape.replay.control import serving  # noqa: PLC0415 - FastAPI takes its time

    async with serving.controlled(services, access.new_secret(), how.port) as at:
        with access.written(at, how.file) if how.file else nullcontext():
            if not quiet:
                typer.echo(f"control is at {at.url}", err=True)
            yield
