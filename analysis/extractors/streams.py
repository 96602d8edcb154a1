"""Event streams: how they are kept alive, how long they live and how they die.

A stream that a client listens on is told by the role of its route; the streams that answer a POST
are told apart from it (`mcp-answers`).

Keep-alives leave no time in a recording, only their number. Of a stream that lived D seconds with
C of them, and whose longest silence of g seconds had c, the interval is within

    min(D/(C+1), g/(c+1)) < interval <= max(D/C, g/c)

whether the server counts from the stream's beginning or from its last event.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from wiretape.analysis.concluding.usual import dashed, places
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.times import bucket, quantile, seconds
from wiretape.analysis.traffic.seen import Seen, Stream
from wiretape.recorder.log.records import End

_LONG = 30.0
"""A silence of so many seconds without a keep-alive says something."""
_ALIKE = 3
"""So many streams that ended alike are no coincidence."""
_USUAL_ENDS = frozenset({"client abort", "complete"})
_AGED = 5.0
"""Streams younger than this many seconds are not thought of as cut off by a timeout."""
_SHORT = 120
_TOLD = 3
_PINGS = ("ping", "heartbeat", "keepalive", "keep-alive")


def _exchange(seen: Seen) -> Iterator[Fact]:
    status = seen.status
    if status is None:
        return
    listens = seen.method == "GET"
    if listens and "last-event-id" in seen.sent:
        yield Fact(("resumed", seen.route, True, seen.stream is not None and status == 200))
    stream = seen.stream
    if stream is None or not 200 <= status < 300:
        return
    where = (seen.route, listens)
    if listens:
        for name in stream.names:
            yield Fact(("event", *where, name[:_SHORT]), keep=1)
    if stream.retry is not None and stream.retry.isdecimal():
        yield Fact(("retry", *where, int(stream.retry[:9])))
    yield from _life(seen, stream, where)


def _life(seen: Seen, stream: Stream, where: tuple[str, bool]) -> Iterator[Fact]:
    answered, ended = seen.answered, seen.ended
    if ended is None or answered is None:
        yield Fact(("end", *where, "still open", stream.with_id > 0))
        return
    how, detail = "error", None
    if isinstance(seen.last, End):
        how, detail = seen.last.how, seen.last.detail and seen.last.detail[:_SHORT]
    lived = _lived(seen)
    yield Fact(("end", *where, how, stream.with_id > 0), detail)
    yield Fact(("lived", *where), None, lived, keep=1, measured=_lived)
    if seen.method != "GET":
        return
    silence = seconds((stream.last or answered).t, ended.t)
    comments = seen.last.comments if isinstance(seen.last, End) else stream.comments
    late = max(comments - stream.comments, 0)
    if how != "client abort":
        if silence >= _AGED and not late:
            yield Fact(("cut", *where, "silence", bucket(silence)), None, silence)
        if lived >= _AGED:
            yield Fact(("cut", *where, "age", bucket(lived)), None, lived)
    yield from _kept_alive(where, stream, lived, _Silence(silence, late))


def _lived(seen: Seen) -> float:
    answered, ended = seen.answered, seen.ended
    return 0.0 if answered is None or ended is None else seconds(answered.t, ended.t)


class _Silence(NamedTuple):
    seconds: float
    comments: int


def _kept_alive(
    where: tuple[str, bool], stream: Stream, lived: float, last: _Silence
) -> Iterator[Fact]:
    """Note between which bounds the interval of the keep-alives lies, or that there were none."""
    comments = stream.comments + last.comments
    pings = stream.pings + sum(stream.names.get(name, 0) for name in _PINGS)
    longest = max(_Silence(stream.quiet, stream.quiet_comments), last)
    if not comments and not pings:
        yield Fact(("no keep-alive", *where), None, longest.seconds, keep=1)
    for what, count, within in (("comments", comments, longest.comments), ("pings", pings, 0)):
        if count:
            low, high = lived / (count + 1), lived / count
            if within:
                low = min(low, longest.seconds / (within + 1))
                high = max(high, longest.seconds / within)
            yield Fact(("keep-alive", *where, what, "above", None), None, low)
            yield Fact(("keep-alive", *where, what, "below", None), None, high)
            yield Fact(("keep-alive", *where, what, "about", bucket((low + high) / 2)))


type _Tallies = list[tuple[tuple[Any, ...], Tally]]


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for kind, conclude in _CONCLUSIONS:
        for subject, tallies in sorted(_by_subject(facts, kind, scene).items()):
            if (finding := conclude(subject, tallies)) is not None:
                yield finding


def _by_subject(facts: Facts, kind: str, scene: Scene) -> dict[str, _Tallies]:
    """Put together the routes that play one role; streams of somebody else play none."""
    found: dict[str, _Tallies] = {}
    for (route, listens, *rest), tally in facts.of(kind):
        if (role := scene.role(route)) != "other":
            subject = dashed(role) + ("" if listens else "-answers")
            found.setdefault(subject, []).append((tuple(rest), tally))
    return found


def _keep_alive(subject: str, tallies: _Tallies) -> Finding | None:
    """Give the interval that all streams agree on; where they do not, that of most, and all."""
    found = {what for (what, *_), _ in tallies}
    lows = [tally for (_, bound, _), tally in tallies if bound == "above"]
    highs = [tally for (_, bound, _), tally in tallies if bound == "below"]
    low = max(tally.high.measure for tally in lows if tally.high)
    high = min(tally.low.measure for tally in highs if tally.low)
    interval = (low + high) / 2
    notes = sorted(found)
    if low > high:
        counts = Counter[int]()
        for (_, bound, number), tally in tallies:
            counts[number] += tally.count if bound == "about" else 0
        interval = quantile(+counts, 0.5)
        notes.append("not the same on all streams")
        low = min(tally.low.measure for tally in lows if tally.low)
        high = max(tally.high.measure for tally in highs if tally.high)
    return Finding(
        id=f"stream.{subject}.keepalive",
        title="Time between keep-alives",
        value=round(interval, 1),
        unit="s",
        low=round(low, 3),
        high=round(high, 3),
        count=_count(lows),
        evidence=places(lows),
        note=", ".join(notes),
    )


def _no_keep_alive(subject: str, tallies: _Tallies) -> Finding | None:
    silent = max(tally.high.measure for _, tally in tallies if tally.high)
    if silent < _LONG:
        return None
    return Finding(
        id=f"stream.{subject}.silence",
        title="Longest silence, with neither events nor keep-alives",
        value=round(silent, 1),
        unit="s",
        count=_count(tally for _, tally in tallies),
        evidence=tuple(tally.high.place for _, tally in tallies if tally.high)[:1],
    )


def _lifetime(subject: str, tallies: _Tallies) -> Finding | None:
    counts = Counter[int]()
    for _, tally in tallies:
        counts.update(tally.spread)
    low = min(tally.low for _, tally in tallies if tally.low)
    high = max(tally.high for _, tally in tallies if tally.high)
    median = min(max(quantile(counts, 0.5), low.measure), high.measure)
    return Finding(
        id=f"stream.{subject}.lifetime",
        title="How long streams lived (the median)",
        value=round(median, 3),
        unit="s",
        low=round(low.measure, 3),
        high=round(high.measure, 3),
        count=counts.total(),
        evidence=tuple(dict.fromkeys((low.place, high.place))),
    )


def _ends(subject: str, tallies: _Tallies) -> Finding | None:
    counts = Counter[str]()
    details = set[str]()
    for (how, _), tally in tallies:
        counts[how] += tally.count
        if how not in _USUAL_ENDS:
            details |= {f"{how}: {detail}" for detail in tally.values if detail}
    return Finding(
        id=f"stream.{subject}.ends",
        title="How streams ended",
        value=dict(sorted(counts.items())),
        count=counts.total(),
        evidence=places(tally for _, tally in tallies),
        note="; ".join(sorted(details)[:_TOLD]) or None,
    )


def _events(subject: str, tallies: _Tallies) -> Finding | None:
    return Finding(
        id=f"stream.{subject}.events",
        title="Names of the events",
        value=sorted({name for (name,), _ in tallies}),
        count=_count(tally for _, tally in tallies),
        evidence=places(tally for _, tally in tallies),
    )


def _cut(subject: str, tallies: _Tallies) -> Finding | None:
    """Recognise a timeout: many streams that others than the client ended at one age or silence."""
    for what, words in (("silence", "silent"), ("age", "old")):
        alike: dict[int, list[Tally]] = {}
        total = 0
        for (measure, number), tally in tallies:
            if measure == what:
                total += tally.count
                for near in (number, number + 1):  # a timeout's streams may lie in two buckets
                    alike.setdefault(near, []).append(tally)
        found = max(alike.values(), key=_count, default=[])
        count = _count(found)
        if count >= _ALIKE and 2 * count > total:
            low = min(tally.low.measure for tally in found if tally.low)
            high = max(tally.high.measure for tally in found if tally.high)
            return Finding(
                id=f"stream.{subject}.cut",
                title="Streams that were ended alike",
                value={"after": what, "seconds": round((low + high) / 2, 1), "streams": count},
                low=round(low, 3),
                high=round(high, 3),
                count=count,
                evidence=places(found),
                note=f"{count} of {total} streams ended by the server or on the way were {low:.1f} "
                f"to {high:.1f} s {words}: so does a proxy's timeout",
            )
    return None


def _count(tallies: Iterable[Tally]) -> int:
    return sum(tally.count for tally in tallies)


def _event_ids(subject: str, tallies: _Tallies) -> Finding | None:
    there = [tally for (_, with_ids), tally in tallies if with_ids]
    shown = there or [tally for _, tally in tallies]
    return Finding(
        id=f"stream.{subject}.event_ids",
        title="Whether events have ids, to go on from after a break",
        value=bool(there),
        count=_count(shown),
        evidence=places(shown),
    )


def _retry(subject: str, tallies: _Tallies) -> Finding | None:
    values = sorted({milliseconds for (milliseconds,), _ in tallies})
    return Finding(
        id=f"stream.{subject}.retry",
        title="Time after which to connect again, as the server says",
        value=values[0] if len(values) == 1 else list(values),
        unit="ms",
        count=_count(tally for _, tally in tallies),
        evidence=places(tally for _, tally in tallies),
    )


def _resumed(subject: str, tallies: _Tallies) -> Finding | None:
    return Finding(
        id=f"stream.{subject}.resumed",
        title="Whether a stream goes on after its Last-Event-ID",
        value=any(accepted for (accepted,), _ in tallies),
        count=_count(tally for _, tally in tallies),
        evidence=places(tally for _, tally in tallies),
    )


_CONCLUSIONS: tuple[tuple[str, Callable[[str, _Tallies], Finding | None]], ...] = (
    ("keep-alive", _keep_alive),
    ("no keep-alive", _no_keep_alive),
    ("lived", _lifetime),
    ("end", _ends),
    ("event", _events),
    ("cut", _cut),
    ("end", _event_ids),
    ("retry", _retry),
    ("resumed", _resumed),
)

EXTRACTOR: Extractor = Extractor(
    title="Event streams",
    wants=frozenset({"failed", "stream"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
