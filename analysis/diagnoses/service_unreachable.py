"""Nothing answers: the name does not resolve, or nobody listens there.

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


def _exchange(seen: Seen) -> Iterator[Fact]:
    if isinstance(seen.last, Error) and seen.last.kind in _KINDS:
        place = origin(seen.url).partition("://")[2]
        yield Fact(("failed", place, seen.last.kind), (seen.evidence, seen.last.detail))


def _error(error: Error) -> Iterator[Fact]:
    if error.kind in _KINDS:
        place = (error.peer or "an unknown host").removesuffix(":443")
        yield Fact(("failed", place, error.kind), ((), error.detail))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (place, kind), tally in facts.of("failed"):
        detail: str = tally.value[1]
        evidence: tuple[Place, ...] = shown(tally) or tally.places
        yield Diagnosis(
            id="service_unreachable",
            title=_KINDS[kind].title,
            seen=f"{counted(tally.count, 'attempt')} to reach {place} without any response: "
            f"{quote(detail)}.",
            cause=_KINDS[kind].cause,
            remedy=_KINDS[kind].remedy,
            confidence="certain",
            evidence=evidence,
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Service unreachable",
    wants=frozenset({"failed"}),
    exchange=_exchange,
    error=_error,
    conclude=_conclude,
)
