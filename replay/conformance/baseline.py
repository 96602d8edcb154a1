"""The file of failures that are known: a check that passes in spite of it makes the file stale.

[expected]
"refresh.lost-answer" = "the library asks anew; see its issue tracker"
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import tomlkit
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from wiretape.recorder import toml_file
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.report import Report, Result

_TODO = "TODO"


def _given(reason: str) -> str:
    if reason.upper().startswith(_TODO):
        raise ValueError(f"it says {_TODO}, which is no reason")
    return reason


type _Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_given)
]


_HINT = 'write [expected] and below it lines such as "pkce.required" = "why it fails"'


class _Baseline(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expected: dict[str, _Reason] = {}


def read(path: Path) -> Mapping[str, str]:
    """Read reasons by the ids of checks. Raises BadInputError for anything else."""
    return toml_file.read(path, _Baseline, _HINT).expected


def applied(
    results: Iterable[Result], expected: Mapping[str, str], known: Iterable[str]
) -> tuple[tuple[Result, ...], tuple[str, ...]]:
    """Give the results with their reasons, and the ids that are stale.

    `known` are the ids of all checks: one that was not chosen in this run is not stale.
    """
    given = tuple(
        result.model_copy(update={"expected": expected[result.id]})
        if result.id in expected and result.outcome != "pass"
        else result
        for result in results
    )
    passed = {result.id for result in given if result.outcome == "pass"}
    there = set(known)
    return given, tuple(sorted(id_ for id_ in expected if id_ in passed or id_ not in there))


def written(report: Report) -> str:
    """Write a baseline of what fails a run; it is none until somebody says why, for each.

    Reasons that were given are kept; entries that are stale are not.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment("Checks that may fail, each with its reason."))
    document.add(tomlkit.nl())
    table = tomlkit.table()
    for result in report.results:
        if result.expected is not None:
            table.add(result.id, result.expected)
        elif report.bad(result):
            table.add(tomlkit.comment(printable(result.seen)))
            table.add(result.id, f"{_TODO}: why, and until when?")
    document.add("expected", table)
    return tomlkit.dumps(document)
