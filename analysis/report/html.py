"""The report as one HTML file, which needs no network and no script.

All that was recorded passes the templates' escaping, and never becomes a link. Should any of it
slip through, the page's policy lets it load, run and send nothing (W3C, Content Security Policy 3):
only the one style sheet, known by its hash.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from wiretape.analysis.report.document import glance, parts
from wiretape.analysis.report.model import Report
from wiretape.analysis.report.phrases import bounds, losses, moment, pieces
from wiretape.analysis.report.pictures.quantiles import quantiles
from wiretape.analysis.report.pictures.sequence import sequence
from wiretape.analysis.report.pictures.timeline import timeline
from wiretape.analysis.report.views import Table, Words
from wiretape.recorder.log.printable import printable


def html(report: Report) -> str:
    """Write the report."""
    templates = _templates()
    style = templates.loader.get_source(templates, "report.css")[0] if templates.loader else ""
    findings = [finding for section in report.sections for finding in section.findings]
    return templates.get_template("report.html").render(
        report=_Quoting(report),
        parts=parts(report),
        glance=glance(report),
        latency=quantiles(findings),
        found=len(findings),
        style=Markup(style),  # noqa: S704  # our own file
        policy=_policy(style),
    )


class _Quoting:
    """A report that knows which places it quotes."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.quoted = {quote.place for quote in report.quotes}

    def __getattr__(self, name: str) -> object:
        return getattr(self._report, name)


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("wiretape.analysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    templates.filters |= {
        "bounds": bounds,
        "lines": _lines,
        "losses": losses,
        "moment": moment,
        "sentence": _sentence,
        "sequence": sequence,
        "timeline": timeline,
    }
    templates.tests |= {
        "table": lambda view: isinstance(view, Table),
        "words": lambda view: isinstance(view, Words),
    }
    return templates


def _plain(value: object) -> object:
    """Show what a browser or an editor might obey or hide; round pixels."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def _sentence(text: str) -> Markup:
    """Set as code what stands between backticks."""
    return Markup("").join(
        Markup("<code>{}</code>").format(printable(part)) if is_code else printable(part)
        for part, is_code in pieces(text)
    )


def _lines(text: str) -> Markup:
    """Keep the lines of a text apart, each of them plain."""
    return Markup("\n").join(escape(printable(line)) for line in text.split("\n"))
