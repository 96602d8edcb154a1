"""What is said in the same words in Markdown and HTML."""

from collections.abc import Iterator

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.model import Source
from wiretape.analysis.report.views import quantity
from wiretape.recorder.log.counted import counted


def losses(source: Source) -> Iterator[str]:
    """Say what a recording lacks."""
    if source.lost:
        yield f"{counted(source.lost, 'record')} lost"
    if source.strays:
        yield f"{counted(source.strays, 'record')} of unknown requests"
    if source.cut:
        yield "the end of the last line"


def bounds(finding: Finding) -> str:
    """Say between which bounds a value was measured."""
    low, high, unit = finding.low, finding.high, finding.unit
    if low is None or high is None:
        return ""
    if low == high:
        return f"measured {quantity(low, unit)}"
    return f"measured {quantity(low, unit)} to {quantity(high, unit)}"


def moment(time: str) -> str:
    """Say a time in UTC, given in ISO 8601, as people read it."""
    return time.replace("T", " ").removesuffix("+00:00")


def pieces(text: str) -> list[tuple[str, bool]]:
    """Cut a sentence into words and what stands between backticks, which is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [(text, False)]
    return [(part, bool(number % 2)) for number, part in enumerate(parts) if part]
