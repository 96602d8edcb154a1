"""How each client found its way in, step by step.

Of every client the first `_KEPT` exchanges of MCP and OAuth are kept. What a browser did for a
client is told by the `client_id` that both carry.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from wiretape.analysis.facts import Fact, Facts, Sight, Tally
from wiretape.analysis.observer import Observer
from wiretape.analysis.picture import Ending, Journey, Step
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log import oauth
from wiretape.recorder.log.jsonrpc import Call, Message, Notification
from wiretape.recorder.log.urls import endpoint, origin, path

_KEPT = 64
_SHOWN = 40
_DRAWN = 12
_LONGEST = 120
_FRONT = {"authorization", "callback"}


class _Did(NamedTuple):
    method: str
    route: str
    status: int | None
    step: str | None
    said: tuple[str, ...]
    stream: bool
    location: str | None
    client_id: str | None


def _exchange(seen: Seen) -> Iterator[Fact]:
    step = seen.step
    response = seen.response
    did = _Did(
        method=seen.method,
        route=seen.route,
        status=seen.status,
        step=step,
        said=tuple(_name(message) for message in seen.said[:3]),
        stream=response is not None and response.stream,
        location=oauth.location(seen.exchange) if "location" in seen.given else None,
        client_id=None if step is None else _client_id(seen, step),
    )
    yield Fact(("did", seen.client), did, point=seen.asked, keep=_KEPT)


def _name(message: Message) -> str:
    return message.method if isinstance(message, Call | Notification) else "(an answer)"


def _client_id(seen: Seen, step: str) -> str | None:
    match step:
        case "authorization":
            return seen.parameters.get("client_id")
        case "registration":
            return oauth.parameters(seen.body).get("client_id")
        case _:
            return oauth.client_id(seen.exchange)


def _journeys(facts: Facts, scene: Scene) -> Iterator[Journey]:
    clients: dict[str, list[Tally]] = {}
    browsers: dict[str, list[Tally]] = {}
    for (agent,), tally in facts.of("did"):
        kind = browsers if _only_front(tally) else clients
        kind.setdefault(scene.client(agent), []).append(tally)
    known: set[str | None] = {None}
    for client, tallies in list(clients.items())[:_DRAWN]:
        own = _sights(tallies)
        ids = {sight.value.client_id for sight in own} - {None}
        known |= ids
        front = [
            s for found in browsers.values() for s in _sights(found) if s.value.client_id in ids
        ]
        yield _journey(client, own, front, _count(tallies) + len(front))
    for browser, tallies in list(browsers.items())[:_DRAWN]:
        alone = [sight for sight in _sights(tallies) if sight.value.client_id not in known]
        if alone:
            yield _journey(browser, [], alone, len(alone))


def _only_front(tally: Tally) -> bool:
    return all(sight.value.step in _FRONT for sight in tally.sample)


def _sights(tallies: list[Tally]) -> list[Sight]:
    return [sight for tally in tallies for sight in tally.sample]


def _count(tallies: list[Tally]) -> int:
    return sum(tally.count for tally in tallies)


def _journey(client: str, own: list[Sight], front: list[Sight], count: int) -> Journey:
    both = [*(("client", sight) for sight in own), *(("browser", sight) for sight in front)]
    ordered = sorted(both, key=lambda item: item[1].point.place)
    steps: list[Step] = []
    told = 0
    for _, equal in groupby(ordered, key=lambda item: (item[0], item[1].value)):
        if len(steps) == _SHOWN:
            break
        group = list(equal)
        told += len(group)
        steps.append(_step(*group[0], len(group)))
    people = sorted({step.by for step in steps}, reverse=True)
    return Journey(
        client=client,
        participants=(*people, *dict.fromkeys(step.to for step in steps)),
        steps=tuple(steps),
        left=count - told,
    )


def _step(by: str, sight: Sight, count: int) -> Step:
    did: _Did = sight.value
    said = ", ".join(did.said)
    return Step(
        by=by,
        to=origin(did.route)[:_LONGEST],
        asked=f"{did.method} {path(did.route)} {said}".strip()[:_LONGEST],
        answered=_answer(did)[:_LONGEST],
        ending=_ending(did.status),
        t=sight.point.t,
        count=count,
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
    conclude=_journeys,
)
