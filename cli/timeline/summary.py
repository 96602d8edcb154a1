"""Says what a recording is, and what is in it on the whole: the pure part of showing that."""

from collections.abc import Iterator

from wiretape.cli.timeline.layout import Styled
from wiretape.cli.timeline.seen import Timeline
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.records import Gap
from wiretape.recorder.log.sessions import Implementation, Session

_BETWEEN = " · "


def before(timeline: Timeline) -> Iterator[Styled]:
    """Introduce a recording and its sessions."""
    opening = timeline.opening
    start = f"{opening.start:%Y-%m-%d %H:%M:%S %Z}"
    yield [(printable(opening.name), "bold")]
    yield _joined(start, opening.mode, f"wiretape {opening.recorder}")
    if opening.provenance:
        yield _joined(opening.provenance)
    for session in timeline.sessions:
        yield _session(session)


def after(timeline: Timeline, shown: int) -> Iterator[Styled]:
    """Sum a recording up, `shown` of whose exchanges were shown, with all that it lacks."""
    exchanges = timeline.exchanges
    of_these = f", {shown} shown" if shown < len(exchanges) else ""
    counts = _joined(
        counted(len(exchanges), "exchange") + of_these,
        counted(sum(len(item.events) for item in exchanges), "event"),
        counted(len(timeline.sessions), "session"),
    )
    if failed := sum(item.failed for item in exchanges):
        counts.append((f"{_BETWEEN}{failed} with errors", "red"))
    yield counts
    if lost := sum(line.record.lost for line in timeline.apart if isinstance(line.record, Gap)):
        yield [(f"{counted(lost, 'record')} lost while recording: see the gaps", "bold red")]
    if timeline.strays:
        yield [(f"{counted(timeline.strays, 'record')} without their request", "bold red")]
    if timeline.cut is not None:
        what = f"cut off in line {timeline.cut}: the recorder was killed while it wrote that line"
        yield [(what, "bold red")]


def _session(session: Session) -> Styled:
    parts = [
        f"{session.transport or 'never established'} {session.protocol or ''}".strip(),
        session.endpoint.removeprefix("https://"),
    ]
    if session.client or session.server:
        parts.append(f"{_implementation(session.client)} → {_implementation(session.server)}")
    if session.grants:
        parts.append("grant " + ", ".join(str(grant.number) for grant in session.grants))
    return [(f"session {session.number}  ", "bold"), *_joined(*parts)]


def _implementation(known: Implementation | None) -> str:
    return "?" if known is None else f"{known.name} {known.version or ''}".strip()


def _joined(*parts: str) -> Styled:
    return [(_BETWEEN.join(map(printable, parts)), "dim")]
