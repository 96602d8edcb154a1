"""The report as one HTML page, with the sequence diagram of each check's trial."""

from functools import cache
from itertools import groupby

from jinja2 import Environment

from wiretape.analysis.report.page import environment
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.reading import Whole
from wiretape.replay.conformance.report import Report, Result
from wiretape.replay.conformance.reporters.diagram import Diagram, diagram
from wiretape.replay.conformance.reporters.words import (
    MEANING,
    STANDINGS,
    between,
    mistaken,
    remarks,
    tally,
)


def html(report: Report, whole: Whole) -> str:
    """Write the page; `whole` is what was recorded."""
    page = _templates().get_template("conformance.html")
    grouped = groupby(report.results, key=lambda result: (result.family, result.about))
    return page.render(
        report=report,
        families=[(name, about, list(results)) for (name, about), results in grouped],
        diagrams={result.id: _diagram(report.target, result, whole) for result in report.results},
        meaning=MEANING,
        remarks=[*mistaken(report), *remarks(report)],
        standings=STANDINGS,
        tally=tally(report),
        told=[
            result
            for standing in STANDINGS
            for result in report.results
            if result.standing == standing and (report.bad(result) or standing == "warn")
        ],
        wiretape=report.wiretape,
    )


def _diagram(target: Target, result: Result, whole: Whole) -> Diagram | None:
    """Draw a check's trial; of a recording without trials what its verdict names."""
    evidence = whole.trials.get(result.family)
    if evidence is None and result.lines:
        evidence = whole.everything
    return None if evidence is None else diagram(target, evidence, result.lines)


@cache
def _templates() -> Environment:
    templates = environment("wiretape.replay.conformance.reporters", "conformance.css")
    templates.filters["between"] = between
    return templates
