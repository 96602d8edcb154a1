"""What logs in SARIF 2.1.0 (OASIS, 2020) have in common, which code scanning services read."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wiretape.recorder.log.printable import printable

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

type Json = dict[str, Any]


def log(
    wiretape: str, rules: Sequence[Json], results: Sequence[Json], warnings: Iterable[str]
) -> Json:
    """Give a log file of one run by this version of wiretape."""
    told = [{"level": "warning", "message": text(warning)} for warning in warnings]
    run = {
        "tool": {"driver": {"name": "wiretape", "version": wiretape, "rules": rules}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": told}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def text(said: str) -> Json:
    """Give a message."""
    return {"text": printable(said)}


def location(file: str, line: int | None) -> Json:
    """Give a line of a file, or the file as a whole."""
    place = {"artifactLocation": {"uri": _uri(file)}}
    return {"physicalLocation": place | ({"region": {"startLine": line}} if line else {})}


def suppressed(reason: str) -> Json:
    """Give what a result has that is known and may be."""
    justification = printable(reason)
    return {"suppressions": [{"kind": "external", "justification": justification}]}


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
