"""The file of failures that are known: a check that passes in spite of it makes the file stale.

[expected]
"refresh.lost-answer" = "the library asks anew; see its issue tracker"
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from wiretape.recorder.errors import BadInputError
from wiretape.replay.conformance.report import Result

type _Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Baseline(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expected: dict[str, _Reason] = {}


def read(path: Path) -> Mapping[str, str]:
    """Read reasons by the ids of checks. Raises BadInputError for anything else."""
    try:
        return _Baseline.model_validate(tomllib.loads(path.read_text("utf-8"))).expected
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadInputError(
            f"{path}: {where}: {first['msg']}; write [expected] and below it lines such as "
            '"pkce.required" = "why it fails"'
        ) from error
    except ValueError as error:
        raise BadInputError(f"{path}: no TOML: {error}") from error


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
