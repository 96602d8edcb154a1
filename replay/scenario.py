"""Scenarios: the faults of a service in a TOML file, one table `[[fault]]` each.

    [[fault]]
    name = "token-rate-limited"
    retry_after = 5
    times = 2

All else in a table are the fault's options and whom it strikes.
"""

import tomllib
from pathlib import Path
from typing import Any

from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.recorder.log.printable import printable
from wiretape.replay.arming import Plan, planned

_TABLE = "fault"


def read(file: Path) -> tuple[Plan, ...]:
    """Read a scenario.

    Raises BadInputError, which names the file, the table and the key, for what is none.
    """
    try:
        content = tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, or no TOML
        raise BadInputError(f"{file}: not a TOML file: {printable(str(error))}") from error
    try:
        return tuple(_plans(content))
    except UsageError as error:
        raise BadInputError(f"{file}: {printable(str(error))}") from error


def _plans(content: dict[str, Any]) -> list[Plan]:
    other = next((key for key in content if key != _TABLE), None)
    if other is not None:
        raise UsageError(f"{other}: a scenario has tables [[{_TABLE}]] only")
    tables = content.get(_TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{_TABLE}: write it as [[{_TABLE}]], one for each fault")
    return [_plan(number, dict(table)) for number, table in enumerate(tables, 1)]


def _plan(number: int, table: dict[str, Any]) -> Plan:
    where = f"[[{_TABLE}]] {number}"
    name = table.pop("name", None)
    if not isinstance(name, str):
        raise UsageError(f"{where}: name: say which fault; `wiretape faults` lists them")
    try:
        return planned(name, table, strict=True)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
