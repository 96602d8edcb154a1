"""How each client found its way in, step by step.

Of everyone who called the first `_KEPT` exchanges of MCP and OAuth are kept. SDKs do OAuth under
another User-Agent than MCP, or under none, and a browser has its own: such steps belong to the
client with which they share a connection, a `client_id` or a token.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from wiretape.analysis.facts import Fact, Facts, Sight
from wiretape.analysis.observer import Observer
from wiretape.analysis.picture import Ending, Journey, Step
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log import oauth
from wiretape.recorder.log.jsonrpc import Call, Message, Notification
from wiretape.recorder.log.urls import endpoint, origin, path

_KEPT = 64
_SHOWN = 40
_DRAWN = 12
_LONGEST = 120
_END = 32
_FRONT = {"authorization", "callback"}


type _Mark = str | tuple[str, str]
"""The name of a connection, or what something else is with its value."""


class _Did(NamedTuple):
    """An exchange. `marks` tell whose it is: its connection, `client_id` and token."""

    method: str
    route: str
    status: int | None
    step: oauth.Step | None
    said: tuple[str, ...]
    stream: bool
    location: str | None
    marks: tuple[_Mark, ...]


def _exchange(seen: Seen) -> Iterator[Fact]:
    response, step = seen.response, seen.step
    status = None if response is None else response.status
    redirects = status is not None and 300 <= status < 400
    did = _Did(
        seen.method,
        seen.route,
        status,
        step,
        tuple([_name(message) for message in seen.said[:3]]),
        response is not None and response.stream,
        oauth.location(seen.exchange) if redirects else None,
        _marks(seen) if step is None else _marks_of_step(seen),
    )
    asked = seen.asked
    yield Fact(("did", asked.place.recording, seen.client), did, None, asked, _KEPT)


def _name(message: Message) -> str:
    return message.method if isinstance(message, Call | Notification) else "(an answer)"


def _marks(seen: Seen) -> tuple[_Mark, ...]:
    connection, token = seen.request.connection, seen.bearer
    return (connection,) if token is None else (connection, ("token", token[-_END:]))


def _marks_of_step(seen: Seen) -> tuple[_Mark, ...]:
    given = oauth.parameters(seen.body)
    token = given.get("access_token")
    client_ids = (
        seen.parameters.get("client_id"),
        oauth.client_id(seen.exchange),
        given.get("client_id"),
    )
    return (
        *_marks(seen),
        *([("token", token[-_END:])] if token else []),
        *(("client_id", id_[:_LONGEST]) for id_ in client_ids if id_),
    )


class _Client:
    """A client with all that it did, itself and by a browser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.did: list[tuple[str, Sight]] = []
        self.count = 0
        self.marks: set[_Mark] = set()

    def take(self, by: str, sight: Sight) -> None:
        self.did.append((by, sight))
        self.marks.update(sight.value.marks)


def _journeys(facts: Facts, scene: Scene) -> Iterator[Journey]:
    recordings = sorted({recording for (recording, _), _ in facts.of("did")})
    for recording in recordings:
        for client in _clients(facts, scene, recording)[:_DRAWN]:
            yield _journey(recording, client)


def _clients(facts: Facts, scene: Scene, recording: int) -> list[_Client]:
    """Gather what each client did: first what speaks MCP, then the steps of OAuth that are its."""
    clients: dict[str, _Client] = {}
    unclaimed: list[tuple[str, str, Sight]] = []
    for (agent,), tally in facts.of("did", recording):
        name = scene.client(agent)
        if any(sight.value.step is None for sight in tally.sample):
            client = clients.setdefault(name, _Client(name))
            client.count += tally.count
            for sight in tally.sample:
                client.take("client", sight)
        else:
            front = all(sight.value.step in _FRONT for sight in tally.sample)
            by = "browser" if front else "client"
            unclaimed += [(name, by, sight) for sight in tally.sample]
    for name, by, sight in _claimed(list(clients.values()), unclaimed):
        alone = clients.setdefault(name, _Client(name))
        alone.take(by, sight)
        alone.count += 1
    return list(clients.values())


def _claimed(
    clients: list[_Client], unclaimed: list[tuple[str, str, Sight]]
) -> list[tuple[str, str, Sight]]:
    """Give clients the steps that are theirs; gives back the rest. A step may bring new marks."""
    rest = unclaimed
    while True:
        left = []
        for name, by, sight in rest:
            marks = sight.value.marks
            owner = next((one for one in clients if not one.marks.isdisjoint(marks)), None)
            if owner is None and len(clients) == 1:
                owner = clients[0]
            if owner is None:
                left.append((name, by, sight))
            else:
                owner.take(by, sight)
                owner.count += 1
        if len(left) == len(rest):
            return left
        rest = left


def _journey(recording: int, client: _Client) -> Journey:
    ordered = sorted(client.did, key=lambda item: item[1].point.place)
    alone = [_step(by, sight) for by, sight in ordered]
    alike = groupby(alone, key=lambda step: (step.by, step.to, step.asked, step.answered))
    groups = [list(group) for _, group in alike][:_SHOWN]
    steps = tuple(group[0].model_copy(update={"count": len(group)}) for group in groups)
    people = sorted({step.by for step in steps}, reverse=True)
    return Journey(
        recording=recording,
        client=client.name,
        participants=(*people, *dict.fromkeys(step.to for step in steps)),
        steps=steps,
        left=client.count - sum(step.count for step in steps),
    )


def _step(by: str, sight: Sight) -> Step:
    did: _Did = sight.value
    said = ", ".join(did.said)
    return Step(
        by=by,
        to=origin(did.route)[:_LONGEST],
        asked=f"{did.method} {path(did.route)} {said}".strip()[:_LONGEST],
        answered=_answer(did)[:_LONGEST],
        ending=_ending(did.status),
        t=sight.point.t,
        count=1,
        place=sight.point.place,
    )


def _answer(did: _Did) -> str:
    if did.status is None:
        return "no response"
    if did.location is not None:
        return f"{did.status} → {endpoint(did.location)}"
    return f"{did.status}, event stream" if did.stream else str(did.status)


def _ending(status: int | None) -> Ending:
    if status is None or status >= 500:
        return "failed"
    if status >= 400:
        return "refused"
    return "redirected" if status >= 300 else "fine"


PICTURE: Observer[Journey] = Observer(
    title="Journeys",
    wants=frozenset({"mcp", "oauth"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_journeys,
)
