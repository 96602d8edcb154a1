"""What one run of the recorder shares: numbering, time, redaction, and where the records go."""

from collections.abc import Callable

from wiretape.recorder.capture.clock import Clock, Moment
from wiretape.recorder.capture.redirects import Redirects
from wiretape.recorder.capture.tap import ErrorKind, Tap
from wiretape.recorder.log.records import AnyRecord, Error, Gap, Mark
from wiretape.recorder.redaction.redactor import Redactor

DEFAULT_MAX_BODY = 1 << 20
"""Bytes of a body that are kept, unless said otherwise."""


class Recorder:
    """Hands out taps and gives their records to `write`, then to those who watch."""

    def __init__(
        self,
        *,
        write: Callable[..., None],
        redactor: Redactor,
        clock: Clock,
        max_body: int = DEFAULT_MAX_BODY,
        watch: Callable[[AnyRecord], None] | None = None,
    ) -> None:
        self.redactor = redactor
        self.redirects = Redirects()
        self.max_body = max_body
        self._write = write
        self._clock = clock
        self._watch = watch
        self._exchanges = 0

    def exchange(self, connection: str) -> Tap:
        """Begin an exchange on the client connection of this name."""
        self._exchanges += 1
        return Tap(self, self._exchanges, connection)

    def now(self) -> Moment:
        """Tell the time."""
        return self._clock.now()

    def emit(self, *records: AnyRecord) -> None:
        """Write records, all in one go."""
        self._write(*records)
        if self._watch is not None:
            for record in records:
                self._watch(record)

    def mark(self, name: str, detail: str | None = None) -> None:
        """Leave a note in the recording."""
        moment = self.now()
        self.emit(Mark(at=moment.at, t=moment.t, name=name, detail=detail))

    def failed(self, connection: str, kind: ErrorKind, detail: str, peer: str | None) -> None:
        """Say that a connection failed before any request was seen."""
        moment = self.now()
        self.emit(
            Error(
                at=moment.at,
                t=moment.t,
                connection=connection,
                kind=kind,
                detail=self.redactor.text(detail),
                peer=peer,
            )
        )

    def lost(self, reason: str, exchange: int | None = None, count: int = 1) -> None:
        """Say that something is missing here."""
        moment = self.now()
        reason = self.redactor.text(reason)
        self.emit(Gap(at=moment.at, t=moment.t, reason=reason, lost=count, exchange=exchange))
