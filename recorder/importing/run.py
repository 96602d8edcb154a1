"""One import, from what was captured elsewhere to a closed recording."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from wiretape.recorder.capture.recorder import DEFAULT_MAX_BODY, Recorder
from wiretape.recorder.importing.captured import SourceClock, Steps, play
from wiretape.recorder.log.names import file_name
from wiretape.recorder.log.records import SCHEMA, AnyRecord, Recording
from wiretape.recorder.log.writer import Writer
from wiretape.recorder.redaction.manifest import write_manifest
from wiretape.recorder.redaction.redactor import Redactor


class Source(Protocol):
    """A file that another tool wrote.

    `mode` is what kind of file, `note` what to know about it, `start` when its first exchange
    began. `skipped` counts what is not HTTP. `damage` says where the file could not be read on.
    """

    mode: str
    note: str
    start: datetime
    skipped: int
    damage: str | None

    def exchanges(self, recorder: Recorder) -> Iterator[tuple[datetime, Steps]]:
        """Give the exchanges, to be played to the recorder, in the order of their starts."""
        ...


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to call the recording, and where to put it."""

    name: str
    out: Path
    max_body: int = DEFAULT_MAX_BODY
    provenance: str | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The recording, its manifest, and what kept it from being whole."""

    path: Path
    manifest: Path
    failed: str | None


def run(
    source: Source,
    settings: Settings,
    redactor: Redactor,
    *,
    watch: Callable[[AnyRecord], None],
    warn: Callable[[str], None],
) -> Outcome:
    """Make a recording of a source, as if it passed now, at the times that the source tells."""
    path = settings.out / file_name(settings.name, source.start)
    clock = SourceClock(source.start)
    opening = Recording(
        schema=SCHEMA,
        recorder=version("wiretape"),
        name=settings.name,
        start=source.start,
        mode=source.mode,
        key_id=redactor.key_id,
        provenance=settings.provenance,
    )
    writer = Writer(path, opening, warn)
    try:
        recorder = Recorder(
            write=writer.append,
            redactor=redactor,
            clock=clock,
            max_body=settings.max_body,
            watch=watch,
        )
        recorder.mark("import", redactor.text(source.note))
        play(source.exchanges(recorder), clock)
        if source.skipped:
            recorder.lost("what is not HTTP", count=source.skipped)
        if source.damage:
            recorder.lost(f"the rest of the file: {source.damage}")
    finally:
        writer.close()
    return Outcome(path=path, manifest=write_manifest(path, redactor), failed=writer.failed)
