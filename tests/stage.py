"""Plays an exchange to a tap and keeps what it writes, with a clock that only the play moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wiretape.recorder.capture.clock import Moment
from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.capture.tap import Tap
from wiretape.recorder.log.records import AnyRecord
from wiretape.recorder.redaction.redactor import Redactor

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class Stage:
    """A recorder on paper."""

    max_body: int = 1 << 20
    records: list[AnyRecord] = field(default_factory=list)
    t: float = 0.0

    def __post_init__(self) -> None:
        self.recorder = Recorder(
            write=lambda *records: self.records.extend(records),
            redactor=Redactor(bytes(32)),
            clock=self,
            max_body=self.max_body,
        )

    def now(self) -> Moment:
        return Moment(START + timedelta(seconds=self.t), self.t)

    def tap(self) -> Tap:
        return self.recorder.exchange("c1")

    @property
    def kinds(self) -> list[str]:
        return [type(record).__name__ for record in self.records]


def get(tap: Tap, url: str = "https://mcp.example/v1/sse", **headers: str) -> None:
    tap.request_head(method="GET", url=url, http="HTTP/1.1", headers=raw(headers))
    tap.request_end()


def post(tap: Tap, body: bytes, url: str = "https://mcp.example/mcp", **headers: str) -> None:
    tap.request_head(method="POST", url=url, http="HTTP/1.1", headers=raw(headers))
    tap.request_data(body)
    tap.request_end()


def answer(tap: Tap, body: bytes = b"", status: int = 200, **headers: str) -> None:
    respond(tap, status, **headers)
    tap.response_data(body)
    tap.response_end()


def respond(tap: Tap, status: int = 200, **headers: str) -> None:
    tap.response_head(
        status=status, reason="", http="HTTP/1.1", headers=raw(headers), upstream="s1"
    )


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in headers.items()
    ]
