"""What is said in the same words in Markdown and HTML."""

from collections.abc import Iterator, Sequence

from wiretape.analysis import analyse
from wiretape.analysis.finding import Finding
from wiretape.analysis.report.model import Source
from wiretape.analysis.report.views import quantity
from wiretape.recorder.log.counted import counted

_SERVICES = 6


def losses(source: Source | analyse.Source) -> Iterator[str]:
    """Say what a recording lacks."""
    if source.lost:
        yield counted(source.lost, "record")
    if source.strays:
        yield f"the requests of {counted(source.strays, 'record')}"
    if source.cut:
        yield "the end of the last line"
    if source.unfinished:
        yield "the rest of the probe, which was interrupted"


def lacking(source: Source | analyse.Source) -> str:
    """Warn that a recording lacks something; nothing if it does not."""
    missing = ", ".join(losses(source))
    return f"lacks {missing}; there may be more to see" if missing else ""


def mixed(services: Sequence[str]) -> str:
    """Warn of several services at once; nothing if it is one."""
    if len(services) < 2:
        return ""
    named = ", ".join([*services[:_SERVICES], *(["…"] if len(services) > _SERVICES else [])])
    return (
        f"these recordings speak of several services: {named}; what is said may be of any of them"
    )


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
