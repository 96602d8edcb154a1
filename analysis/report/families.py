"""Findings of one kind, such as all tools, as one table."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.views import cell, clean

_TITLES = {
    "challenge.": "The refusals in full",
    "clients.": "Clients by name",
    "cors.": "CORS headers, by route and kind of answer",
    "latency.method.": "Methods: time from the request to its result, however that came",
    "latency.role.": "Routes: time from the request to the head of the response",
    "latency.first_event.": "Streams: time from the request to the first event",
    "prompts.prompt.": "Prompts",
    "protocol.method.": "Methods, and how they fared",
    "protocol.opening.": "What opens a session, by revision",
    "redirect.": "Redirects, by where they lead from",
    "resources.resource.": "Resources",
    "resources.templates.template.": "Resource templates",
    "stream.": "How streams ended",
    "tools.tool.": "Tools",
    "token.error.": "Refusals of the token endpoint, by error",
    "transport.client.": "How each client found its transport",
    "upstream.token.error.": "Refusals of the token endpoint upstream, by error",
}
"""By how the ids begin; the tables of a section stand in this order."""

_SLOWEST = "The lines are the requests of the slowest and of the fastest."
_LEFT_OUT = {"challenges", "more", "protocolVersion"}
"""What a table need not say, because it says it elsewhere, or because nobody reads it there."""

_AT_LENGTH = {"description", "instructions"}
"""What may be a text of many lines."""

_LINE = 120


@dataclass(frozen=True)
class Member:
    """A finding that is a row of a table."""

    finding: Finding
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """Findings of one kind, as a table; `corner` is the unit of its numbers, if they have one."""

    title: str
    note: str
    corner: str
    columns: tuple[str, ...]
    members: tuple[Member, ...]


def in_family(finding: Finding) -> bool:
    """Tell whether a finding is a row of a table."""
    return _start(finding) is not None


def families(findings: Iterable[Finding]) -> tuple[Family, ...]:
    """Make the tables of all findings that are rows."""
    of_one: dict[str, list[Finding]] = {start: [] for start in _TITLES}
    for finding in findings:
        if start := _start(finding):
            of_one[start].append(finding)
    return tuple(_table(start, rows) for start, rows in of_one.items() if rows)


def _start(finding: Finding) -> str | None:
    """Tell how the ids of a finding's kind begin, if it is a row: only objects have cells."""
    if not isinstance(finding.value, dict):
        return None
    return next((start for start in _TITLES if finding.id.startswith(start)), None)


def _table(start: str, rows: list[Finding]) -> Family:
    values = [*map(_fields, rows)]
    columns = [*dict.fromkeys(name for value in values for name in value)]
    units = {finding.unit for finding in rows}
    return Family(
        title=_TITLES[start],
        note=_SLOWEST if start.startswith("latency.") else "",
        corner=f"in {units.pop()}" if len(units) == 1 and None not in units else "",
        columns=tuple(clean(column).replace("_", " ") for column in columns),
        members=tuple(
            Member(
                finding,
                clean(finding.id.removeprefix(start)),
                tuple(cell(value[column]) if column in value else "" for column in columns),
            )
            for finding, value in zip(rows, values, strict=True)
        ),
    )


def _fields(finding: Finding) -> dict[str, JsonValue]:
    return {
        name: _first_line(each) if name in _AT_LENGTH and isinstance(each, str) else each
        for name, each in _object(finding).items()
        if name not in _LEFT_OUT
    }


def _object(finding: Finding) -> dict[str, JsonValue]:
    return finding.value if isinstance(finding.value, dict) else {}


def _first_line(text: str) -> str:
    line, _, more = text.strip().partition("\n")
    return f"{line[: _LINE - 1].rstrip()}…" if more or len(line) > _LINE else line
