"""Says in a few words who asked whom what, and what came."""

from collections.abc import Iterable, Iterator

from wiretape.recorder.log import jsonrpc
from wiretape.recorder.log.records import Error
from wiretape.recorder.log.urls import endpoint, path
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.report import Party, Shown

_MOST = 12
_LONGEST = 160
_MESSAGES = 2
_LONG = 1
"""Seconds from which on it is worth saying how long something took."""


def sightings(evidence: Evidence, lines: Iterable[int]) -> tuple[Shown, ...]:
    """Give the exchanges that these lines are of, the first `_MOST` of them."""
    wanted = set(lines)
    found = [turn for turn in evidence.turns if not wanted.isdisjoint(turn.lines)]
    return tuple(sighting(turn) for turn in found[:_MOST])


def sighting(turn: Turn) -> Shown:
    """Tell of a turn."""
    by, to = parties(turn)
    return Shown(
        by=by,
        to=to,
        asked=_asked(turn)[:_LONGEST],
        answered=_answered(turn)[:_LONGEST],
        step=turn.step,
        lines=turn.lines,
    )


def parties(turn: Turn) -> tuple[Party, Party]:
    """Tell who asked whom; the user's browser, which consents at the service, is the client's."""
    if turn.side == "down":
        return "client", "target"
    return "client" if turn.oauth == "authorization" else "target", "service"


def _asked(turn: Turn) -> str:
    said = ", ".join(_named(turn))
    return f"{turn.method} {path(turn.url)} {said}".strip()


def _named(turn: Turn) -> Iterator[str]:
    """Name what is said: JSON-RPC methods with the tool's name, or the grant type."""
    for message in turn.said[:_MESSAGES]:
        if message.method is None:
            yield "(an answer)"
            continue
        params = turn.asked.get("params") if isinstance(turn.asked, dict) else None
        name = params.get("name") if isinstance(params, dict) else None
        tool = name if message.method == "tools/call" and isinstance(name, str) else ""
        yield f"{message.method} {tool}".strip()
    if turn.oauth == "token" and "grant_type" in turn.form:
        yield turn.form["grant_type"]


def _answered(turn: Turn) -> str:
    if turn.status is None:
        last = turn.exchange.last
        return f"no answer: {last.kind}" if isinstance(last, Error) else "no answer"
    said = [str(turn.status), *_told(turn)]
    if turn.location is not None and 300 <= turn.status < 400:
        said.append(f"to {endpoint(turn.location)}")
    if turn.exchange.last is None:
        said.append("(never ended)")
    elif not turn.exchange.complete:
        said.append("(broken off)")
    if turn.seconds is not None and turn.seconds >= _LONG:
        said.append(f"after {turn.seconds:.1f} s")
    return " ".join(said)


def _told(turn: Turn) -> Iterator[str]:
    error = turn.fields.get("error")
    if isinstance(error, str):
        yield error
    for message in turn.heard[-_MESSAGES:]:
        if isinstance(message, jsonrpc.Failure):
            yield f"error {message.code}"
        elif isinstance(message, jsonrpc.Result):
            yield "result"
        elif message.method is not None:
            yield message.method
