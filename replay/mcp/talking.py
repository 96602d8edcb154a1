"""What both transports need: what is said to a message, and what streams do besides."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from wiretape.analysis.profile.mcp import Stream as Known
from wiretape.replay.fault import Lines
from wiretape.replay.http.streams import COMMENT, Pace, Stream, written
from wiretape.replay.mcp.acting import Act
from wiretape.replay.mcp.answering import answered
from wiretape.replay.mcp.modern import SINCE
from wiretape.replay.mcp.rpc import Message, chosen, is_id
from wiretape.replay.mcp.sessions import Asked, Session
from wiretape.replay.visit import Visit
from wiretape.replay.world import World

_BATCHED, _PRIMED = "2025-03-26", "2025-11-25"
"""The last revision with batches, the first whose clients take an event without data for none."""

_PINGS = ("ping", "heartbeat", "keepalive", "keep-alive")


class Spoken(NamedTuple):
    """What is said to a message.

    `status` is that of HTTP, where the answer is its body; `late` tells by how many seconds each
    line comes later, where it is on a stream. If a call is `asked` of the client, `rest` gives what
    is said when the client has replied.
    """

    lines: Lines
    status: int = 200
    late: tuple[float, ...] = ()
    asked: Asked | None = None
    rest: "Callable[[], Spoken] | None" = None

    @property
    def timed(self) -> Iterator[tuple[bytes, float]]:
        """The lines, each with how late it is."""
        return zip(self.lines, self.late or [0.0] * len(self.lines), strict=True)

    @property
    def at_once(self) -> bool:
        """Whether all of it is said now."""
        return self.asked is None and not any(self.late)

    @property
    def whole(self) -> Lines:
        """The lines with the rest, where nobody can wait for the client."""
        return self.lines if self.rest is None else self.lines + self.rest().whole

    def going_on(self, say: "Callable[[Spoken], None]") -> None:
        """Have the rest said, too, when its time comes."""
        if self.asked is not None and self.rest is not None:
            rest = self.rest
            self.asked.then = lambda: say(rest())


class Talking:
    """The MCP side of one service."""

    def __init__(self, world: World) -> None:
        self.world = world

    def spoken(self, visit: Visit, message: Message) -> Spoken | None:
        """Answer a message; None where there is nothing to say."""
        said = answered(visit, message, self.world)
        return None if said is None else self._spoken(visit, said.act, said.status)

    def _spoken(self, visit: Visit, act: Act, status: int = 200) -> Spoken:
        """Say an act; faults strike its answer."""
        if visit.session is not None:
            for line in act.elsewhere:
                visit.session.say(line.data, line.late)
        lines = tuple(line.data for line in act.lines)
        if act.rest is None:
            lines = visit.said(lines)
        later = visit.late() if visit.role == "message" else 0
        times = [line.late + later for line in act.lines]
        late = [times[min(at, len(times) - 1)] for at in range(len(lines))]  # a fault may add lines
        return Spoken(
            lines + tuple(line.data for line in act.after),
            status,
            tuple(late + [line.late + later for line in act.after]),
            act.asked,
            None if act.rest is None else partial(self._spoken, visit, act.rest),
        )

    def heard(self, visit: Visit, message: Message, session: Session) -> None:
        """Take note of what a message means for its session, before it is answered."""
        visit.session = session
        visit.entry.session = session.number
        method = message.get("method")
        if method is None:
            asked = session.answered(message)
            if asked is not None:
                visit.entry.operation = f"answer to {asked.method}"
        elif "id" in message:
            session.called(message["id"])
            if method == "initialize":
                session.revision = chosen(message, self.world.profile)
        elif method == "notifications/cancelled":
            params = message.get("params")
            number = params.get("requestId") if isinstance(params, dict) else None
            if is_id(number):
                session.cancel(number)

    def stream(
        self, subject: str, session: Session, gone: Callable[[], object] = lambda: None
    ) -> Stream:
        """Make a stream of a session, as those of a role are known to be.

        It tells at once where it can be gone on from, where clients understand that (MCP
        2025-11-25, Sending Messages, 6). Since 2026-07-28 streams cannot be gone on with.
        """
        known = self.world.profile.stream.get(subject, Known())
        since = session.revision or ""
        return Stream(
            self.world.clock,
            _pace(known),
            gone,
            name=str(session.fresh()) if known.event_ids and since < SINCE else None,
            primes=since >= _PRIMED,
            sign=_sign(known, session),
        )


def takes_batches(revision: str | None) -> bool:
    """Tell whether several messages may come at once (2025-03-26; since 2025-06-18 not)."""
    return revision is None or revision <= _BATCHED


def _pace(known: Known) -> Pace:
    cut = known.cut
    ends = known.ends or ()
    return Pace(
        keepalive=(known.keepalive and float(known.keepalive.value)) or None,
        age=cut.seconds if cut is not None and cut.after == "age" else None,
        silence=cut.seconds if cut is not None and cut.after == "silence" else None,
        breaks="server abort" in ends and "complete" not in ends,
        retry=known.retry,
    )


def _sign(known: Known, session: Session) -> Callable[[], bytes]:
    """Give what makes a keep-alive: a comment, an event of such a name, or a call of `ping`."""
    note = known.keepalive.note if known.keepalive is not None else None
    if note is None or "comments" in note or "pings" not in note:
        return lambda: COMMENT
    name = next((each for each in known.events or () if each in _PINGS), None)
    if name is not None:
        return lambda: written(b"", name.encode())
    return lambda: written(session.question("ping")[1])
