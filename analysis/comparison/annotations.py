"""The comparison as GitHub's workflow commands, which annotate lines of files.

As in GitHub's documentation, "Workflow commands for GitHub Actions": `%` and line breaks are
escaped everywhere, `:` and `,` in properties also.
"""

from collections.abc import Iterator

from wiretape.analysis.comparison.model import Comparison, Difference
from wiretape.analysis.comparison.phrases import incomplete, mistaken
from wiretape.analysis.comparison.rule import Severity
from wiretape.recorder.log.printable import printable

_COMMANDS: dict[Severity, str] = {"breaking": "error", "risky": "warning", "cosmetic": "notice"}


def annotations(comparison: Comparison) -> Iterator[str]:
    """Give one line for every mistake, every warning, every difference that is not accepted."""
    for mistake in mistaken(comparison):
        yield f"::error title=Accepted differences::{_data(mistake)}"
    for warning in incomplete(comparison):
        yield f"::warning title=Incomplete::{_data(warning)}"
    for difference in comparison.differences:
        if difference.accepted is None:
            yield _annotation(difference, comparison.subject.file)


def _annotation(difference: Difference, file: str) -> str:
    lines = [line for each in difference.sightings if each.subject for line in each.subject.lines]
    properties = {"file": file, "line": str(lines[0]) if lines else "1", "title": difference.title}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{difference.why} Remedy: {difference.remedy} ({difference.id})"
    return f"::{_COMMANDS[difference.severity]} {told}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
