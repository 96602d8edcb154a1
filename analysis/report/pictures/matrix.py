"""Matrices: routes by what browsers may do there, requests by what is wrong with their token."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.views import cell

type Tone = Literal["good", "bad", "plain", "none"]
"""`none`: it was not seen."""

_SENT = ("Authorization", "Content-Type", "Mcp-Session-Id", "Mcp-Protocol-Version")
_READ = ("Mcp-Session-Id", "WWW-Authenticate")
_VARIANTS = ("no token", "malformed token", "bad token", "expired token")
_RARER = ("superseded token", "revoked token")
"""Told of where they were seen, as few services tell them apart."""

_UNSEEN = "-"


@dataclass(frozen=True)
class Cell:
    """A cell of a matrix; `more` is what stands below it in small letters."""

    text: str
    tone: Tone
    more: str = ""


_NOT_SEEN = Cell(_UNSEEN, "none")


@dataclass(frozen=True)
class Row:
    """A row of a matrix, with the findings that it shows."""

    name: str
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Matrix:
    """A table whose cells are seen before they are read."""

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def of_cors(findings: Iterable[Finding]) -> Matrix | None:
    """Show what a browser lets its client do, by route; nothing if no route is known."""
    rows = tuple(_browser(finding) for finding in findings if told_by_matrix(finding))
    columns = ("call", *(f"send {n}" for n in _SENT), *(f"read {n}" for n in _READ))
    return Matrix("What a browser lets its clients do", "It may …", columns, rows) if rows else None


def of_challenges(findings: Iterable[Finding]) -> Matrix | None:
    """Show what is answered to each request by what is wrong with its token."""
    by_request: dict[str, dict[str, Finding]] = {}
    for finding in findings:
        start, _, variant = finding.id.rpartition(".")
        if start.startswith("challenge.") and variant in _VARIANTS + _RARER:
            role, _, method = start.removeprefix("challenge.").rpartition(".")
            by_request.setdefault(f"{method} {role}", {})[variant] = finding
    seen = {variant for found in by_request.values() for variant in found}
    variants = (*_VARIANTS, *(variant for variant in _RARER if variant in seen))
    rows = tuple(
        Row(
            request,
            tuple(_refusal(found.get(variant)) for variant in variants),
            tuple(found[variant] for variant in variants if variant in found),
        )
        for request, found in sorted(by_request.items())
    )
    title = "Refusals, by what is wrong with the token"
    return Matrix(title, "Request", variants, rows) if rows else None


def told_by_matrix(finding: Finding) -> bool:
    """Whether a matrix tells all there is to a finding."""
    return finding.id.startswith("cors.") and finding.id.endswith(".browser")


def _browser(finding: Finding) -> Row:
    value = finding.value if isinstance(finding.value, dict) else {}
    cells = (
        _yes_or_no(value.get("may_call"), value.get("may_use")),
        *(_yes_or_no(may) for may in _among(_SENT, value.get("may_send"))),
        *(_yes_or_no(may) for may in _among(_READ, value.get("may_read"))),
    )
    return Row(finding.id.split(".")[1], cells, (finding,))


def _among(names: tuple[str, ...], allowed: JsonValue) -> Iterator[bool | None]:
    known = isinstance(allowed, list)
    lower = {str(each).lower() for each in allowed} if isinstance(allowed, list) else set()
    for name in names:
        yield name.lower() in lower if known else None


def _yes_or_no(may: JsonValue, more: JsonValue = None) -> Cell:
    said = cell(more) if more else ""
    match may:
        case True:
            return Cell("yes", "good", said)
        case False:
            return Cell("no", "bad", said)
    return _NOT_SEEN


def _refusal(finding: Finding | None) -> Cell:
    if finding is None:
        return _NOT_SEEN
    value = finding.value if isinstance(finding.value, dict) else {}
    status, challenges = value.get("status"), value.get("challenges")
    refused = status in {401, 403}
    good = refused and bool(challenges)
    parts = [*_schemes(challenges), f"body: {cell(value.get('body_form') or 'empty')}"]
    return Cell(cell(status), "good" if good else "bad", "; ".join(parts))


def _schemes(challenges: JsonValue) -> Iterator[str]:
    for challenge in challenges if isinstance(challenges, list) else ():
        if isinstance(challenge, dict):
            params = challenge.get("params")
            error = params.get("error") if isinstance(params, dict) else None
            yield cell(challenge.get("scheme")) + (f" {cell(error)}" if error else "")
    if not challenges:
        yield "no challenge"
