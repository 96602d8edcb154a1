"""What passes at a replayed service, written as a recording like any other, in its own time.

Its URLs are those of the replay, as the client saw them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from wiretape.recorder.capture.afterwards import Afterwards
from wiretape.recorder.capture.clock import ToldClock
from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.names import file_name
from wiretape.recorder.log.records import SCHEMA, Recording
from wiretape.recorder.log.writer import Writer
from wiretape.recorder.redaction.manifest import write_manifest
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock


@dataclass(frozen=True)
class Taken:
    """A recording that is being taken: where it is, and who takes it, and when."""

    path: Path
    recorder: Recorder
    afterwards: Afterwards


@contextmanager
def recording(
    folder: Path,
    name: str,
    clock: Clock,
    redactor: Redactor,
    *,
    warn: Callable[[str], None],
    profile: str,
) -> Iterator[Taken]:
    """Take a recording while the context lasts, in the time of the service that has this clock.

    Raises EnvironmentFaultError if it cannot be written, in the end if something is missing in it.
    """
    told = ToldClock(clock.now)
    path = folder / file_name(name, told.start)
    opening = Recording(
        schema=SCHEMA,
        recorder=version("wiretape"),
        name=name,
        start=told.start,
        mode="replay",
        key_id=redactor.key_id,
        provenance=f"a replay of {profile}",
    )
    writer = Writer(path, opening, warn)

    def failed(error: Exception) -> None:
        recorder.lost(f"something, by a fault of the recorder: {error!r}")

    afterwards = Afterwards(told, failed)
    recorder = Recorder(write=writer.append, redactor=redactor, clock=afterwards)
    try:
        yield Taken(path, recorder, afterwards)
    finally:
        afterwards.finish()
        writer.close()
        write_manifest(path, redactor)
    if writer.failed:
        raise EnvironmentFaultError(writer.failed)
