"""Redirects: where they lead, and what is lost on the way (RFC 9110, 15.4; WHATWG Fetch, 4.4).

A request that follows a redirect names the redirecting exchange as its cause; it must keep the
method or be a GET, as nothing else is made of a redirected request. Of every kind of hop the first
are kept with their numbers, so that each can be joined with what followed it. Redirects
that carry an authorization's request or answer are steps of OAuth, and not told here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import JsonValue

from wiretape.analysis.concluding.evidence import deliberate
from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen, route
from wiretape.recorder.log.urls import join, origin, path

_KEPT = 64
_LONGEST = 20
_OF_AN_AUTHORIZATION = frozenset({"authorization", "callback"})
_WORST_FIRST = ("leaked", "dropped", "kept")


class _Kind(NamedTuple):
    """A kind of exchange that redirects, or was redirected to, or both."""

    method: str
    route: str
    status: int | None
    target: str | None
    authorised: bool


class _Number(NamedTuple):
    """What tells exchanges apart: the index of the recording, and the number in it."""

    recording: int
    exchange: int


class _Step(NamedTuple):
    kind: _Kind
    cause: _Number | None
    place: Place


def _exchange(seen: Seen) -> Iterable[Fact]:
    cause, target = _cause(seen), _target(seen)
    if (cause is None and target is None) or seen.step in _OF_AN_AUTHORIZATION:
        return ()
    kind = _Kind(seen.method, seen.route, seen.status, target, "authorization" in seen.sent)
    return (Fact(("step", kind), (seen.request.exchange, cause), keep=_KEPT),)


def _cause(seen: Seen) -> int | None:
    """Give the exchange whose redirect it follows.

    The probe follows with its next request or not at all; what it asks later is another mistake.
    """
    cause = seen.request.cause
    return None if deliberate(seen) and cause != seen.request.exchange - 1 else cause


def _target(seen: Seen) -> str | None:
    """Give the route that it redirects to."""
    if seen.status is None or not 300 <= seen.status < 400:
        return None
    location = seen.given.get("location")
    if location is None:
        return None
    return route(join(seen.url, location))


def _findings(facts: Facts, _: Scene) -> Iterator[Finding]:
    found = [(kind, tally) for (kind,), tally in facts.of("step")]
    steps = _steps(found)
    followers = {step.cause: number for number, step in steps.items() if step.cause is not None}
    yield from _hops(found, steps, followers)
    yield from _chains(steps, followers)


def _steps(found: Iterable[tuple[_Kind, Tally]]) -> dict[_Number, _Step]:
    """Give those that were kept, in the order of their places."""
    steps = {}
    for kind, tally in found:
        for point, (exchange, cause) in tally.sample:
            recording = point.place.recording
            number = None if cause is None else _Number(recording, cause)
            steps[_Number(recording, exchange)] = _Step(kind, number, point.place)
    return {
        number: step if _follows(step, steps) else step._replace(cause=None)
        for number, step in sorted(steps.items(), key=lambda item: item[1].place)
    }


def _follows(step: _Step, steps: Mapping[_Number, _Step]) -> bool:
    """Tell whether its method is one that a redirected request has."""
    cause = None if step.cause is None else steps.get(step.cause)
    return cause is None or step.kind.method in _methods(cause.kind.method)


def _methods(method: str) -> set[str]:
    return {method} if method == "HEAD" else {method, "GET"}


def _hops(
    found: Iterable[tuple[_Kind, Tally]],
    steps: Mapping[_Number, _Step],
    followers: Mapping[_Number, _Number],
) -> Iterator[Finding]:
    """Tell of each redirecting path where most of its redirects lead."""
    after: dict[_Kind, list[_Kind]] = defaultdict(list)
    for number, step in steps.items():
        if number in followers:
            after[step.kind].append(steps[followers[number]].kind)
    secure = {
        path(kind.route) for kind, _ in found if kind.target and _scheme(kind.route) != "http"
    }
    by_path: dict[str, dict[tuple[int | None, str], list[tuple[_Kind, Tally]]]] = {}
    for kind, tally in found:
        if kind.target is not None:
            where = path(kind.route)
            name = f"http:{where}" if _scheme(kind.route) == "http" and where in secure else where
            alike = by_path.setdefault(name, defaultdict(list))
            alike[kind.status, kind.target].append((kind, tally))
    for name, groups in sorted(by_path.items()):
        values = []
        for group in groups.values():
            value = _value([(kind, after[kind]) for kind, _ in group])
            values += [(value, tally) for _, tally in group]
        yield from usual(f"redirect.{name}", f"Where {name} redirects to", values)


def _value(hops: list[tuple[_Kind, list[_Kind]]]) -> JsonValue:
    """Tell of redirects with the same status and target, each with what followed."""
    source, target = hops[0][0].route, hops[0][0].target or ""
    followed = [(hop, follower) for hop, followers in hops for follower in followers]
    fates = {_fate(hop, follower) for hop, follower in followed if hop.authorised}
    return {
        "status": hops[0][0].status,
        "to": path(target) if origin(source) == origin(target) else _below(source, target),
        "scheme_downgrade": (_scheme(source), _scheme(target)) == ("https", "http"),
        "method_changed": any(a.method != b.method for a, b in followed) if followed else None,
        "authorization": next((fate for fate in _WORST_FIRST if fate in fates), None),
    }


def _fate(hop: _Kind, follower: _Kind) -> str:
    if not follower.authorised:
        return "dropped"
    return "kept" if origin(hop.route) == origin(follower.route) else "leaked"


def _chains(
    steps: Mapping[_Number, _Step], followers: Mapping[_Number, _Number]
) -> Iterator[Finding]:
    """Tell which ways requests went from hop to hop."""
    ways: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for number, step in steps.items():
        if step.cause not in steps and number in followers:
            chain = _chain(number, steps, followers)
            ways[tuple(_told(each.kind, step.kind) for each in chain)] += [s.place for s in chain]
    if ways:
        yield Finding(
            id="redirect.chains",
            title="Ways of requests that were redirected",
            value=[[*way] for way in sorted(ways)],
            count=len(ways),
            evidence=tuple(sorted({place for way in ways.values() for place in way[:_LONGEST]})),
        )


def _chain(
    start: _Number, steps: Mapping[_Number, _Step], followers: Mapping[_Number, _Number]
) -> list[_Step]:
    chain, at = [steps[start]], start
    while at in followers and len(chain) < _LONGEST:
        at = followers[at]
        chain.append(steps[at])
    return chain


def _told(kind: _Kind, first: _Kind) -> str:
    where = _below(first.route, kind.route)
    return f"{kind.method} {where} → {kind.status or 'no answer'}"


def _below(base: str, url: str) -> str:
    """Leave out the host where it is the same, whatever it is called."""
    return f"{_scheme(url)}://…{path(url)}" if _host(base) == _host(url) else url


def _scheme(url: str) -> str:
    return url.partition(":")[0]


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


EXTRACTOR: Extractor = Extractor(
    title="Redirects",
    wants=frozenset({"any"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
