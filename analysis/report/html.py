"""The report as one HTML file."""

from functools import cache

from jinja2 import Environment
from markupsafe import Markup, escape

from wiretape.analysis.report.document import glance, parts, subject, warnings
from wiretape.analysis.report.model import Report
from wiretape.analysis.report.page import environment
from wiretape.analysis.report.phrases import bounds, losses, moment
from wiretape.analysis.report.pictures.quantiles import quantiles
from wiretape.analysis.report.pictures.sequence import sequence
from wiretape.analysis.report.pictures.timeline import timeline
from wiretape.analysis.report.views import Table, Words
from wiretape.recorder.log.printable import printable


def html(report: Report) -> str:
    """Write the report."""
    findings = [finding for section in report.sections for finding in section.findings]
    page = _templates().get_template("report.html")
    return page.render(
        report=_Quoting(report),
        parts=parts(report),
        glance=glance(report),
        subject=subject(report),
        warnings=warnings(report),
        latency=quantiles(findings),
        found=len(findings),
        wiretape=report.wiretape,
    )


class _Quoting:
    """A report that knows which places it quotes."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.quoted = {quote.place for quote in report.quotes}

    def __getattr__(self, name: str) -> object:
        return getattr(self._report, name)


@cache
def _templates() -> Environment:
    templates = environment("wiretape.analysis.report")
    templates.filters |= {
        "bounds": bounds,
        "lines": _lines,
        "losses": losses,
        "moment": moment,
        "sequence": sequence,
        "timeline": timeline,
    }
    templates.tests |= {
        "table": lambda view: isinstance(view, Table),
        "words": lambda view: isinstance(view, Words),
    }
    return templates


def _lines(text: str) -> Markup:
    """Keep the lines of a text apart, each of them plain."""
    return Markup("\n").join(escape(printable(line)) for line in text.split("\n"))
