"""Findings of one kind, such as all tools, as one table."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.latencies import FEW, START, Until, timed
from wiretape.analysis.report.views import cell, clean

_TITLES = {
    "challenge.": "The refusals in full",
    "clients.": "Clients by name",
    "cors.": "CORS headers, by route and kind of answer",
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
"""By how the ids begin."""

_LATENCIES: dict[Until, str] = {
    "result": "Methods: time from the request to its result, however that came",
    "response": "Routes: time from the request to the head of the response",
    "first event": "Streams: time from the request to the first event",
}
_SLOWEST = "The lines are the requests of the slowest and of the fastest."
_TAIL = {"p90", "p99"}
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
    return _kind(finding) is not None


def families(findings: Iterable[Finding]) -> tuple[Family, ...]:
    """Make the tables of all findings that are rows."""
    of_one: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for finding in findings:
        if kind := _kind(finding):
            start, title, name = kind
            of_one.setdefault((start, title), []).append((name, finding))
    places = [*_TITLES.values(), *_LATENCIES.values()]
    found = sorted(of_one.items(), key=lambda item: (item[0][0], places.index(item[0][1])))
    return tuple(_table(title, rows) for (_, title), rows in found)


def _kind(finding: Finding) -> tuple[str, str, str] | None:
    """Tell how the ids of a finding's kind begin, the kind's title, and its name; if it has one.

    Only objects have cells.
    """
    if not isinstance(finding.value, dict):
        return None
    if finding.id.startswith(START):
        name, until = timed(finding.id)
        return START, _LATENCIES[until], name
    found = next(((s, title) for s, title in _TITLES.items() if finding.id.startswith(s)), None)
    return (*found, finding.id.removeprefix(found[0])) if found else None


def _table(title: str, rows: list[tuple[str, Finding]]) -> Family:
    values = [_fields(finding) for _, finding in rows]
    shown = {name for value in values for name in value}
    order = dict.fromkeys(name for _, finding in rows for name in _object(finding))
    columns = [name for name in order if name in shown]
    units = {finding.unit for _, finding in rows}
    return Family(
        title=title,
        note=_SLOWEST if title in _LATENCIES.values() else "",
        corner=f"in {units.pop()}" if len(units) == 1 and None not in units else "",
        columns=tuple(clean(column).replace("_", " ") for column in columns),
        members=tuple(
            Member(
                finding,
                clean(name),
                tuple(cell(value[column]) if column in value else "" for column in columns),
            )
            for (name, finding), value in zip(rows, values, strict=True)
        ),
    )


def _fields(finding: Finding) -> dict[str, JsonValue]:
    few = finding.id.startswith(START) and finding.count < FEW
    return {
        name: _first_line(each) if name in _AT_LENGTH and isinstance(each, str) else each
        for name, each in _object(finding).items()
        if name not in _LEFT_OUT and not (few and name in _TAIL)
    }


def _object(finding: Finding) -> dict[str, JsonValue]:
    return finding.value if isinstance(finding.value, dict) else {}


def _first_line(text: str) -> str:
    line, _, more = text.strip().partition("\n")
    return f"{line[: _LINE - 1].rstrip()}…" if more or len(line) > _LINE else line
