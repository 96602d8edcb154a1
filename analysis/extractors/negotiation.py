"""Negotiation: how each client finds the transport that it then speaks, step by step.

The pattern is named by where the client ended, after which detours:

    streamable
    streamable after server/discover
    sse after POST (2024-11-05 from a newer client: "Backwards Compatibility")
    sessionless

What a client does about a 401 or 403 and about redirects is left out of the pattern: it then asks
again. A pattern holds for what goes by one User-Agent at one origin.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import JsonValue

from wiretape.analysis.facts import Fact, Facts, Sight
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.urls import origin

_STEPS = 64
_SHOWN = 12
_LONGEST = 80
_SESSIONLESS = "2026-07-28"
_TELLING = frozenset({"initialize", "notifications/initialized", "server/discover", "tools/list"})
"""Methods that every client begins with; without a handshake, any may be the first."""


class _Step(NamedTuple):
    """One thing a client did, and what came of it.

    `what` is a JSON-RPC method; `came` is the outcome of its turn, or of a GET what kind of stream.
    """

    method: str
    route: str
    what: str | None
    status: int | None
    came: str
    revision: str | None = None
    resumes: bool = False


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.method not in {"GET", "DELETE"} or seen.step is not None:
        return
    stream = seen.stream
    came = "nothing"
    if stream is not None:
        came = "endpoint" if stream.first_name == "endpoint" else "stream"
    step = _Step(
        method=seen.method,
        route=seen.route,
        what=None,
        status=seen.status,
        came=came,
        resumes="last-event-id" in seen.sent,
    )
    yield Fact(("step", seen.client, origin(seen.url)), step, None, seen.asked, keep=_STEPS)


def _turn(turn: Turn) -> tuple[Fact, ...]:
    modern = (turn.revision or "") >= _SESSIONLESS
    if turn.by == "server" or not (modern or turn.method in _TELLING):
        return ()
    step = _Step(
        method="POST",
        route=turn.route,
        what=turn.method[:_LONGEST],
        status=turn.status,
        came=turn.outcome,
        revision=turn.revision,
    )
    key = ("step", turn.client, origin(turn.route))
    return (Fact(key, step, None, turn.asked, keep=_STEPS),)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    named: dict[str, int] = {}
    for (agent, _), tally in facts.of("step"):
        steps = [sight for sight in tally.sample if _counts(sight.value, scene)]
        if steps:
            client = scene.client(agent)
            number = named[client] = named.get(client, 0) + 1
            yield _negotiation(client if number == 1 else f"{client} ({number})", steps, scene)


def _counts(step: _Step, scene: Scene) -> bool:
    status = step.status
    answered = status is not None and status not in {401, 403} and not 300 <= status < 400
    return answered and scene.role(step.route) in {"mcp", "sse", "message"}


def _negotiation(client: str, sights: list[Sight], scene: Scene) -> Finding:
    steps: list[_Step] = [sight.value for sight in sights]
    path = _path(steps, scene)
    found = path.transport or "nothing"
    after = f" after {', '.join(path.detours)}" if path.detours else ""
    again = (n for n, step in enumerate(steps) if n >= path.length and _begins(step))
    session = steps[: next(again, len(steps))]
    later = session[path.length :]
    listening = next((step for step in later if step.method == "GET"), None)
    leaving = next((step for step in later if step.method == "DELETE"), None)
    return Finding(
        id=f"transport.client.{client}",
        title=f"How {client} finds its transport",
        value={
            "pattern": found + after,
            "transport": path.transport,
            "listens": None if listening is None else _result(listening),
            "leaves": None if leaving is None else _result(leaving),
            "resumes": any(step.resumes for step in steps),
            "steps": list[JsonValue](_told(session, scene)),
        },
        count=len(steps),
        evidence=tuple(sight.point.place for sight in sights[:_SHOWN]),
    )


def _begins(step: _Step) -> bool:
    """Tell whether a client begins anew with it, when it has a session already."""
    return step.came == "endpoint" or step.what in {"initialize", "server/discover"}


class _Path(NamedTuple):
    """Where the first `length` steps led, and after which detours."""

    transport: str | None
    detours: tuple[str, ...]
    length: int


def _path(steps: list[_Step], scene: Scene) -> _Path:
    transport = None
    detours: dict[str, None] = {}
    for number, step in enumerate(steps, 1):
        over_sse = scene.role(step.route) == "message"
        if step.came == "endpoint":
            transport = "sse"
        elif step.method == "POST" and step.came == "result":
            modern = (step.revision or "") >= _SESSIONLESS and step.what != "initialize"
            ended = "sse" if over_sse else "sessionless" if modern else "streamable"
            return _Path(ended, tuple(detours), number)
        elif step.method == "POST" and step.came in {"error", "unanswered"}:
            if transport is not None and not over_sse:
                transport = None  # that stream was but a probe
                detours["GET"] = None
            detours["POST" if step.what == "initialize" else step.what or ""] = None
        elif step.method == "GET" and transport is None:
            detours["GET"] = None
    return _Path(transport, tuple(detours), len(steps))


def _told(steps: list[_Step], scene: Scene) -> list[str]:
    """Give the first steps in words; equal ones in a row once."""
    told: list[str] = []
    for step in steps:
        what = "" if step.what is None else f" {step.what}"
        words = f"{step.method} {scene.role(step.route)}{what} → {_result(step)}"
        if not told or told[-1] != words:
            told.append(words)
    return told[:_SHOWN]


def _result(step: _Step) -> str:
    told = {"endpoint", "error", "stream"} | ({"unanswered"} if (step.status or 0) < 300 else set())
    return f"{step.status} {step.came}" if step.came in told else f"{step.status}"


EXTRACTOR: Extractor = Extractor(
    title="Transport negotiation",
    wants=frozenset({"mcp"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_findings,
)
