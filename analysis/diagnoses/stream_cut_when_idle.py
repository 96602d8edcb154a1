"""Event streams break off again and again after the same silence: a proxy's idle timeout.

A proxy ends a connection on which nothing has passed for so long (nginx `proxy_read_timeout`, 60 s
by default; an AWS load balancer's idle timeout, 60 s; Cloudflare's 100 s). Comment lines keep a
stream alive (WHATWG HTML, 9.2.7).
"""

from collections.abc import Iterator, Sequence

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.evidence import lines
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.records import End

_KEPT = 64
_STREAMS = 3
"""How many streams must have ended alike; fewer are chance."""
_SHORTEST = 0.3
"""Seconds; whatever breaks off sooner had no time to be idle."""

type _Cut = tuple[tuple[Place, ...], float]


def _exchange(seen: Seen) -> Iterator[Fact]:
    stream, last = seen.stream, seen.last
    if stream is None or seen.answered is None or not isinstance(last, End):
        return
    if last.how == "server abort" and last.comments == 0:
        idle = last.t - (stream.last or seen.answered).t
        if idle >= _SHORTEST:
            yield Fact(("cut", seen.route), (seen.evidence, idle), keep=_KEPT)


def _alike(cuts: Sequence[_Cut]) -> Sequence[_Cut]:
    """Give the most streams that were idle for about the same time."""
    cuts = sorted(cuts, key=lambda cut: cut[1])
    best: Sequence[_Cut] = ()
    start = 0
    for end, (_, idle) in enumerate(cuts):
        while idle - cuts[start][1] > max(0.25, idle / 20):
            start += 1
        best = max(best, cuts[start : end + 1], key=len)
    return best


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("cut"):
        alike = _alike(tally.values)
        if len(alike) < _STREAMS:
            continue
        low, high = alike[0][1], alike[-1][1]
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
            evidence=lines(*(evidence for evidence, _ in alike)),
            source="WHATWG HTML, section 9.2.7",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Stream cut when idle",
    wants=frozenset({"stream"}),
    exchange=_exchange,
    conclude=_conclude,
)
