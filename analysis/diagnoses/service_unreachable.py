"""Nothing answers, always or at times: the name does not resolve, or nobody listens there.

Over https the client asks for a tunnel first, so that no request is seen, only the error.
"""

from collections.abc import Iterator
from typing import NamedTuple

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.evidence import quote, shown
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.records import Error
from wiretape.recorder.log.urls import origin


class _Words(NamedTuple):
    title: str
    cause: str
    remedy: str


_KINDS = {
    "dns": _Words(
        "The service's name does not resolve",
        "The host name is misspelt, or is known only in a network that the client is not in: a "
        "private service has no public DNS name.",
        "Check the configured URL; give the service a name that resolves where the client runs "
        "(make it public, or reach it over a private endpoint of the same network).",
    ),
    "connect": _Words(
        "Nobody answers at the service's address",
        "The service is not running, listens on another port or interface, or a firewall is in "
        "between.",
        "Start the service, and check that its port and interface are those of the configured URL "
        "and can be reached from where the client runs.",
    ),
}
_NOW_AND_THEN = {
    "dns": _Words(
        "The service's name does not always resolve",
        "The name is right, for the service is reached now and then: the resolver does not always "
        "answer, or several of them differ.",
        "Look at the resolvers that the client asks, one by one; have the client try again after "
        "a while.",
    ),
    "connect": _Words(
        "The service is not always reached",
        "The address is right, for the service answers now and then: it is stopped or restarted "
        "in between, takes no more connections, or the network fails at times.",
        "See what the service did at these times (restarts, deployments, load), and whether all "
        "of its instances run; have the client try again after a while.",
    ),
}


def _exchange(seen: Seen) -> Iterator[Fact]:
    place = origin(seen.url).partition("://")[2]
    if seen.response is not None:
        yield Fact(("answered", place), keep=1)
    elif isinstance(seen.last, Error) and seen.last.kind in _KINDS:
        yield Fact(("failed", place, seen.last.kind), (seen.evidence, seen.last.detail))


def _error(error: Error) -> Iterator[Fact]:
    if error.kind in _KINDS:
        place = (error.peer or "an unknown host").removesuffix(":443")
        yield Fact(("failed", place, error.kind), ((), error.detail))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (place, kind), tally in facts.of("failed"):
        detail: str = tally.value[1]
        evidence: tuple[Place, ...] = shown(tally) or tally.places
        answered = facts.get("answered", place)
        said = (_NOW_AND_THEN if answered else _KINDS)[kind]
        others = f" {counted(answered.count, 'request')} to it got one." if answered else ""
        yield Diagnosis(
            id="service_unreachable",
            title=said.title,
            seen=f"{counted(tally.count, 'attempt')} to reach {place} without any response: "
            f"{quote(detail)}.{others}",
            cause=said.cause,
            remedy=said.remedy,
            confidence="likely" if answered else "certain",
            evidence=evidence,
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Service unreachable",
    wants=frozenset({"any"}),
    exchange=_exchange,
    error=_error,
    repeats="kind",
    conclude=_conclude,
)
