"""The comparison as one HTML file."""

from functools import cache

from jinja2 import Environment

from wiretape.analysis.comparison.model import Comparison
from wiretape.analysis.comparison.phrases import MEANING, incomplete, lines, said
from wiretape.analysis.comparison.rule import SEVERITIES
from wiretape.analysis.report.page import environment


def html(comparison: Comparison) -> str:
    """Write the comparison."""
    page = _templates().get_template("comparison.html")
    return page.render(
        comparison=comparison,
        accepted=[each for each in comparison.differences if each.accepted is not None],
        incomplete=[*incomplete(comparison)],
        meaning=MEANING,
        serious=[*comparison.open("breaking"), *comparison.open("risky")],
        severities=SEVERITIES,
        wiretape=comparison.wiretape,
    )


@cache
def _templates() -> Environment:
    templates = environment("wiretape.analysis.comparison")
    templates.filters |= {"lines": lines, "said": said}
    return templates
