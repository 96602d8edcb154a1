"""Which finding goes to which section: by the first name of its id."""

from collections.abc import Iterable
from typing import NamedTuple

from wiretape.analysis.finding import Finding
from wiretape.analysis.report.model import Section, SectionId


class _Plan(NamedTuple):
    id: SectionId
    title: str
    asks: str
    areas: tuple[str, ...]


_PLANS = (
    _Plan(
        "discovery",
        "Endpoints and discovery",
        "Where is what, which documents tell a client so, and do they agree?",
        ("endpoint", "discovery"),
    ),
    _Plan(
        "registration",
        "Registration and PKCE",
        "How does a client become known, and how does a user let it in?",
        ("registration", "client_id", "authorization", "code"),
    ),
    _Plan(
        "tokens",
        "Tokens and their lifetime",
        "What does a token look like, and how long does it work?",
        ("token", "session_id"),
    ),
    _Plan(
        "refresh",
        "Refresh",
        "How is a token renewed, and which refresh token is good afterwards?",
        ("refresh",),
    ),
    _Plan(
        "challenges",
        "Refusals without a good token",
        "What does each endpoint answer without a token, or with one that is no good?",
        ("challenge",),
    ),
    _Plan(
        "cors",
        "CORS",
        "What may a client in a browser call, send and read?",
        ("cors",),
    ),
    _Plan(
        "transport",
        "Transport and its negotiation",
        "How do clients and the service agree on a way to talk, and how long does it hold?",
        ("transport", "stream", "redirect"),
    ),
    _Plan(
        "protocol",
        "Protocol",
        "Which revisions and methods does the service know, and does it keep to them?",
        ("protocol",),
    ),
    _Plan(
        "tools",
        "Tools, resources and prompts",
        "What does the service offer?",
        ("tools", "resources", "prompts"),
    ),
    _Plan(
        "headers",
        "Headers",
        "What stands in every answer, and who on the way put it there?",
        ("headers",),
    ),
    _Plan(
        "errors",
        "Errors and retries",
        "What went wrong, and how often?",
        ("errors",),
    ),
    _Plan(
        "latency",
        "Latency",
        "How long do answers take?",
        ("latency",),
    ),
    _Plan(
        "clients",
        "Clients",
        "Who called?",
        ("clients",),
    ),
    _Plan(
        "upstream",
        "Behind the service",
        "How does the service itself get tokens from the one behind it?",
        ("upstream",),
    ),
)

_OTHER = _Plan("other", "Other findings", "What else was found?", ())


def sections(findings: Iterable[Finding]) -> tuple[Section, ...]:
    """Sort findings into sections; a section without any is left out.

    In a section they stand by area, and within an area in the order in which they were given.
    """
    areas: dict[str, list[Finding]] = {}
    for finding in findings:
        areas.setdefault(finding.id.partition(".")[0], []).append(finding)
    placed = [
        (plan, [finding for area in plan.areas for finding in areas.pop(area, ())])
        for plan in _PLANS
    ]
    placed.append((_OTHER, [finding for area in sorted(areas) for finding in areas[area]]))
    return tuple(
        Section(id=plan.id, title=plan.title, asks=plan.asks, findings=tuple(found))
        for plan, found in placed
        if found
    )
