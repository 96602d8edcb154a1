"""The report as a document: what stands where, the same in Markdown and HTML."""

from collections import Counter
from dataclasses import dataclass

from wiretape.analysis.finding import Finding
from wiretape.analysis.picture import Journey, Lineage
from wiretape.analysis.report.families import Family, families, in_family
from wiretape.analysis.report.model import Report, Section
from wiretape.analysis.report.phrases import lacking, mixed
from wiretape.analysis.report.pictures.matrix import (
    Matrix,
    of_challenges,
    of_cors,
    told_by_matrix,
)
from wiretape.analysis.report.views import Code, Table, View, Word, Words, cell, view

_NAMED = 3

_GLANCE = (
    "transport.kinds",
    "protocol.revisions",
    "protocol.server_info",
    "authorization.pkce",
    "registration.status",
    "token.access.shape",
    "token.lifetime",
    "token.lifetime.observed",
    "refresh.rotates",
    "refresh.encoding",
    "discovery.issuer_matches",
    "discovery.cross_origin",
)


@dataclass(frozen=True)
class Line:
    """A finding that a line is enough for. `title` tells it from the others beside it."""

    title: str
    finding: Finding
    view: Word | Words


@dataclass(frozen=True)
class Block:
    """A finding with a heading of its own."""

    finding: Finding
    view: Table | Code


@dataclass(frozen=True)
class Part:
    """A part of the document with a heading."""

    id: str
    title: str
    asks: str
    matrix: Matrix | None
    lines: tuple[Line, ...]
    families: tuple[Family, ...]
    blocks: tuple[Block, ...]
    journeys: tuple[Journey, ...] = ()
    lineages: tuple[Lineage, ...] = ()


def parts(report: Report) -> tuple[Part, ...]:
    """Lay out what stands between the summary and the diagnoses."""
    found = [_part(section, report) for section in report.sections]
    if report.journeys:
        title, asks = "The way in", "How does each client find, enter and begin to use the service?"
        found.insert(0, Part("way", title, asks, None, (), (), (), journeys=report.journeys))
    if report.lineages and not any(part.lineages for part in found):
        title, asks = "Tokens", "What became of each token?"
        found.append(Part("tokens", title, asks, None, (), (), (), lineages=report.lineages))
    return tuple(found)


def subject(report: Report) -> str:
    """Name what is reported on: the service by its MCP endpoint, or else the recordings."""
    if len(report.services) > 1:
        return " and ".join(report.services[:_NAMED])
    by_id = {finding.id: finding for section in report.sections for finding in section.findings}
    for role in ("mcp", "sse"):
        if endpoint := by_id.get(f"endpoint.{role}"):
            return cell(endpoint.value)
    return ", ".join(source.name for source in report.sources[:_NAMED])


def warnings(report: Report) -> tuple[str, ...]:
    """Say what whoever relies on the report should know of its recordings."""
    said = [(f"`{source.name}` ", lacking(source)) for source in report.sources]
    said.append(("", mixed(report.services)))
    return tuple(f"{what}{warning}" for what, warning in said if warning)


def glance(report: Report) -> tuple[Line, ...]:
    """Choose what whoever reads only one table should know."""
    by_id = {finding.id: finding for section in report.sections for finding in section.findings}
    return _lines([(by_id[id_], _brief(by_id[id_])) for id_ in _GLANCE if id_ in by_id])


def _brief(finding: Finding) -> Word | Words:
    shown = view(finding.value, finding.unit)
    if isinstance(shown, Word | Words):
        return shown
    several = finding.value if isinstance(finding.value, list) else [finding.value]
    return Words(tuple(map(cell, several)))


def _lines(shown: list[tuple[Finding, Word | Words]]) -> tuple[Line, ...]:
    """Make lines; where findings have the same title, what they are of tells them apart."""
    titles = Counter(finding.title for finding, _ in shown)
    return tuple(
        Line(
            finding.title
            if titles[finding.title] == 1
            else f"{finding.title}: {_subject(finding)}",
            finding,
            view,
        )
        for finding, view in shown
    )


def _subject(finding: Finding) -> str:
    return finding.id.split(".")[1]


def _part(section: Section, report: Report) -> Part:
    matrix = of_cors(section.findings) or of_challenges(section.findings)
    rest = [finding for finding in section.findings if not told_by_matrix(finding)]
    views: list[tuple[Finding, View]] = [
        (finding, view(finding.value, finding.unit)) for finding in rest if not in_family(finding)
    ]
    return Part(
        id=section.id,
        title=section.title,
        asks=section.asks,
        matrix=matrix,
        lines=_lines([(f, shown) for f, shown in views if isinstance(shown, Word | Words)]),
        families=families(rest),
        blocks=tuple(Block(f, shown) for f, shown in views if isinstance(shown, Table | Code)),
        lineages=report.lineages if section.id == "tokens" else (),
    )
