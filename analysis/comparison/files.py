"""The files of a comparison."""

import json
from collections.abc import Iterator

from wiretape.analysis.comparison.html import html
from wiretape.analysis.comparison.markdown import markdown
from wiretape.analysis.comparison.model import Comparison
from wiretape.analysis.comparison.sarif import sarif


def files(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Give every file's name and text."""
    yield "comparison.html", html(comparison)
    yield "comparison.json", as_json(comparison)
    yield "comparison.md", markdown(comparison)
    yield "comparison.sarif", _json(sarif(comparison))


def as_json(comparison: Comparison) -> str:
    """Give the comparison as JSON, in which nothing could move a terminal."""
    return _json(comparison.model_dump(mode="json"))


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"
