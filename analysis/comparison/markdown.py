"""The comparison in Markdown, as GitHub renders it."""

from collections.abc import Iterable, Iterator

from wiretape.analysis.comparison.model import Comparison, Difference, Side, Sighting, Unseen
from wiretape.analysis.comparison.phrases import MEANING, incomplete, lines, rest, said, tally
from wiretape.analysis.comparison.rule import SEVERITIES
from wiretape.analysis.report.escaping import code, prose, sentence

_SIGHTINGS = 8


def markdown(comparison: Comparison) -> str:
    """Write the comparison."""
    return "\n".join(_document(comparison)) + "\n"


def _document(comparison: Comparison) -> Iterator[str]:
    yield "# Comparison"
    yield ""
    yield "| | File | Service | Upstream |"
    yield "|---|---|---|---|"
    yield _side("Reference", comparison.reference)
    yield _side("Subject", comparison.subject)
    yield ""
    yield f"**{tally(comparison)}.** {', '.join(rest(comparison))}."
    for warning in incomplete(comparison):
        yield from ("", f"> **Warning:** {sentence(warning)}")
    for severity in SEVERITIES:
        if found := comparison.open(severity):
            yield from _heading(severity.capitalize(), MEANING[severity])
            yield from _brief(found) if severity == "cosmetic" else _full(found)
    if accepted := [each for each in comparison.differences if each.accepted is not None]:
        yield from _heading("Accepted", "Known differences that may be.")
        yield from _table(
            ("Difference", "Severity", "Id", "Reason"),
            (
                (sentence(each.title), each.severity, code(each.id), prose(each.accepted or ""))
                for each in accepted
            ),
        )
    if comparison.stale:
        yield from _heading("No longer different", "To be taken out of the file of accepted ones.")
        yield from (f"- {code(id_)}" for id_ in comparison.stale)
    if comparison.misnamed:
        yield from _heading("No differences", "Ids to be accepted that no difference can have.")
        for each in comparison.misnamed:
            like = f", most like {code(each.nearest)}" if each.nearest else ""
            yield f"- {code(each.id)}{like}"
    if comparison.unseen:
        yield from _heading("Not seen", "What only one side shows says nothing about the other.")
        yield from _unseen(comparison.unseen)


def _side(title: str, side: Side) -> str:
    service, upstream = (" ".join(map(code, each)) for each in (side.service, side.upstream))
    return f"| **{title}** | {code(side.file)} ({side.kind}) | {service} | {upstream} |"


def _heading(title: str, meaning: str) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"*{meaning}*", "")


def _full(differences: Iterable[Difference]) -> Iterator[str]:
    for number, each in enumerate(differences):
        yield from ([""] if number else [])
        yield f"### {sentence(each.title)}"
        yield ""
        yield sentence(each.why)
        yield ""
        yield f"- **Remedy:** {sentence(each.remedy)}"
        if each.clients:
            yield f"- **Concerns:** {', '.join(each.clients)}"
        if each.requirement:
            yield f"- **Requirement:** {prose(each.requirement)}"
        yield f"- **Id:** {code(each.id)}"
        yield ""
        yield from _sightings(each.sightings)


def _sightings(sightings: tuple[Sighting, ...]) -> Iterator[str]:
    yield from _table(
        ("Seen in", "Reference", "Lines", "Subject", "Lines"),
        (
            (
                sentence(each.title),
                code(before),
                lines(each.reference),
                code(after),
                lines(each.subject),
            )
            for each in sightings[:_SIGHTINGS]
            for before, after in [said(each)]
        ),
    )
    if len(sightings) > _SIGHTINGS:
        yield from ("", f"and in {len(sightings) - _SIGHTINGS} more.")


def _brief(differences: Iterable[Difference]) -> Iterator[str]:
    rows = []
    for each in differences:
        before, after = said(each.sightings[0])
        rows.append((sentence(each.title), code(before), code(after), code(each.id)))
    yield from _table(("Difference", "Reference", "Subject", "Id"), rows)


def _unseen(unseen: Iterable[Unseen]) -> Iterator[str]:
    for side in ("subject", "reference"):
        names = [code(each.finding) for each in unseen if each.missing_in == side]
        if names:
            yield f"- Not in the {side}: {', '.join(names)}"


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
