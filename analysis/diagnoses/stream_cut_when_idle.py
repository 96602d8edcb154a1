"""Event streams break off again and again after the same silence: a proxy's idle timeout.

A proxy ends a connection on which nothing has passed for so long (nginx `proxy_read_timeout`, 60 s
by default; an AWS load balancer's idle timeout, 60 s; Cloudflare's 100 s). Comment lines keep a
stream alive (WHATWG HTML, 9.2.7). It is no timeout if any stream lives through a longer silence, or
if all end at one moment, as when a server stops. What ends soon may just as well crash at a certain
age; only streams of different ages tell that it is the silence.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from wiretape.analysis.concluding.evidence import lines
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.records import End

_KEPT = 64
_STREAMS = 3
"""How many streams must have ended alike, at as many moments; fewer are chance."""
_SHORTEST = 0.3
"""Seconds; whatever breaks off sooner had no time to be idle."""
_PATIENT = 10
"""Seconds; proxies that wait for less are rare."""


class _Cut(NamedTuple):
    """A stream that broke off: how long it was idle, its age, and when; all in seconds."""

    evidence: tuple[Place, ...]
    idle: float
    age: float
    when: float


def _exchange(seen: Seen) -> Iterator[Fact]:
    stream, last = seen.stream, seen.last
    if seen.method != "GET" or stream is None or seen.answered is None:
        return
    if not isinstance(last, End) or seen.ended is None or last.comments:
        return
    idle = last.t - (stream.last or seen.answered).t
    yield Fact(("silent", seen.route), measure=max(stream.quiet, idle))
    if last.how == "server abort" and idle >= _SHORTEST:
        cut = _Cut(seen.evidence, idle, last.t - seen.answered.t, seen.ended.at.timestamp())
        yield Fact(("cut", seen.route), cut, keep=_KEPT)


def _about(seconds: float) -> float:
    """Give how much a timeout of so many seconds may vary."""
    return max(0.5, seconds / 20)


def _alike(cuts: Sequence[_Cut]) -> Sequence[_Cut]:
    """Give the most streams that were idle for about the same time."""
    cuts = sorted(cuts, key=attrgetter("idle"))
    best: Sequence[_Cut] = ()
    start = 0
    for end, cut in enumerate(cuts):
        while cut.idle - cuts[start].idle > _about(cut.idle):
            start += 1
        best = max(best, cuts[start : end + 1], key=len)
    return best


def _is_timeout(alike: Sequence[_Cut], longest: float) -> bool:
    """Tell whether it is the silence that ends streams, of which some have the longest of all."""
    idle = alike[-1].idle
    ends = sorted(cut.when for cut in alike)
    moments = 1 + sum(later - sooner > _about(idle) for sooner, later in pairwise(ends))
    ages = [cut.age for cut in alike]
    telling = idle >= _PATIENT or max(ages) - min(ages) > 2 * _about(idle)
    return moments >= _STREAMS and telling and longest <= idle + _about(idle)


def _conclude(facts: Facts, scene: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("cut"):
        alike, silent = _alike(tally.values), facts.get("silent", route)
        longest = silent.high.measure if silent and silent.high else 0
        if scene.role(route) not in {"mcp", "sse"} or not _is_timeout(alike, longest):
            continue
        low, high = alike[0].idle, alike[-1].idle
        yield Diagnosis(
            id="stream_cut_when_idle",
            title="Event streams are cut when they are idle",
            seen=f"{counted(len(alike), 'stream')} of {route} broke off after {low:.1f} to "
            f"{high:.1f} s without an event, and without any keep-alive before.",
            cause="A proxy or load balancer between client and server ends connections on which "
            "nothing passes for that long.",
            remedy="Let the server send a comment line (“: keep-alive”) every 15 s or so, well "
            "within the shortest timeout on the way, or raise the proxy's idle timeout for this "
            "route.",
            confidence="likely",
            evidence=lines(*(cut.evidence for cut in alike)),
            source="WHATWG HTML, section 9.2.7",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Stream cut when idle",
    wants=frozenset({"stream"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
