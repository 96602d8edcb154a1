"""The comparison as GitHub's workflow commands, which annotate lines of files."""

from collections.abc import Iterator

from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.phrases import incomplete, mistaken
from wiretape.analysis.comparison.rule import Severity
from wiretape.analysis.report.workflow import Level, command

_LEVELS: dict[Severity, Level] = {"breaking": "error", "risky": "warning", "cosmetic": "notice"}


def annotations(comparison: Comparison) -> Iterator[str]:
    """Give one line for every mistake, every warning, every difference that is not accepted."""
    for mistake in mistaken(comparison):
        yield command("error", mistake, title="Accepted differences")
    for warning in incomplete(comparison):
        yield command("warning", warning, title="Incomplete")
    for difference in comparison.differences:
        if difference.accepted is None:
            yield _annotation(difference, comparison.subject.file)


def _annotation(difference: Difference, file: str) -> str:
    lines = [line for each in difference.sightings if each.subject for line in each.subject.lines]
    message = f"{difference.why} Remedy: {difference.remedy} ({difference.id})"
    line = str(lines[0]) if lines else "1"
    level = _LEVELS[difference.severity]
    return command(level, message, file=file, line=line, title=difference.title)
