"""Puts a report together from an analysis."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from wiretape.analysis import analyse
from wiretape.analysis.analyse import Analysis
from wiretape.analysis.facts import Place
from wiretape.analysis.picture import Journey, Lineage
from wiretape.analysis.report.model import Report, Section, Source
from wiretape.analysis.report.quotes import quotes
from wiretape.analysis.report.sections import sections
from wiretape.recorder.log.printable import printable


def assemble(analysis: Analysis) -> Report:
    """Make the report; reads the recordings again, only for the lines that are evidence."""
    paths = [source.path for source in analysis.sources]
    found = sections(chain.from_iterable(analysis.findings.values()))
    return Report(
        schema_="wiretape.report/1",
        wiretape=version("wiretape"),
        sources=tuple(map(_source, analysis.sources, names(paths))),
        services=analysis.scene.services,
        sections=found,
        diagnoses=analysis.diagnoses,
        journeys=tuple(each for each in analysis.pictures if isinstance(each, Journey)),
        lineages=tuple(each for each in analysis.pictures if isinstance(each, Lineage)),
        quotes=quotes(paths, _evidence(analysis, found)),
    )


def names(paths: Sequence[Path]) -> list[str]:
    """Name files by as much of the ends of their paths as tells them apart."""
    most = max((len(path.parts) for path in paths), default=1)
    for length in range(1, most + 1):
        found = ["/".join(path.parts[-length:]) for path in paths]
        if len(set(found)) == len(set(paths)):
            break
    return [printable(name) for name in found]


def _source(source: analyse.Source, name: str) -> Source:
    opening = source.opening
    return Source(
        name=name,
        start=opening.start.astimezone(UTC).isoformat(timespec="milliseconds"),
        mode=opening.mode,
        recorder=opening.recorder,
        provenance=opening.provenance,
        records=source.records,
        exchanges=source.exchanges,
        lost=source.lost,
        strays=source.strays,
        cut=source.cut,
        unfinished=source.unfinished,
    )


def _evidence(analysis: Analysis, found: Sequence[Section]) -> Iterator[Place]:
    for section in found:
        for finding in section.findings:
            yield from finding.evidence
    for diagnosis in analysis.diagnoses:
        yield from diagnosis.evidence
    for picture in analysis.pictures:
        match picture:
            case Journey():
                yield from (step.place for step in picture.steps)
            case Lineage():
                yield from (refusal.place for refusal in picture.refusals)
                for issue in picture.issues:
                    yield from (issue.place, *issue.evidence)
