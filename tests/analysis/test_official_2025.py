"""The report of a recording states every fact that is known of the service in August 2025.

The recording is made up from those facts. Each case is one of them: the finding that knows it, and
what a line of the report in Markdown says.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from official import official
from official.known import mcp, oauth
from official.known.fact import Fact
from official.known.mcp import CONFLUENCE, JIRA, TOOLS, USER_AND_ACCESS
from wiretape.analysis.analyse import analyse
from wiretape.analysis.finding import Finding
from wiretape.analysis.report.assemble import assemble
from wiretape.analysis.report.markdown import markdown
from wiretape.analysis.report.model import Report

HEADINGS = {
    "Log Files Analyzed": ("Summary", None),
    "1. Token Exchange Flow": ("Tokens and their lifetime", "token.parameters"),
    "2. MCP Server Endpoints": ("Endpoints and discovery", "endpoint.sse"),
    "3. Authentication Differences": ("Tokens and their lifetime", "token.access.shape"),
    "4. MCP Protocol Compliance": ("Protocol", "protocol.revisions"),
    "5. Transport Architecture": (
        "Transport and its negotiation",
        "transport.client.Visual Studio Code 1",
    ),
    "6. Error Handling": ("Errors and retries", "errors.http"),
    "Token Lifecycle Validation Results": ("Tokens and their lifetime", "token.lifetime.observed"),
    "OAuth 2.0 Compliance Verification": (
        "Refusals without a good token",
        "challenge.message.POST.expired token",
    ),
    "Standard CORS Headers": ("CORS", "cors.sse.actual"),
    "Atlassian Infrastructure Headers: Request Tracing": ("Headers", "headers.tracing"),
    "Atlassian Infrastructure Headers: Performance Monitoring": ("Headers", "headers.timing"),
    "Atlassian Infrastructure Headers: CDN/Edge Infrastructure": ("Headers", "headers.cdn"),
    "Security Headers": ("Headers", "headers.security"),
    "Error Response Headers (401 Unauthorized)": (
        "Refusals without a good token",
        "challenge.sse.GET.bad token",
    ),
    "Cache Control Headers": ("Headers", "headers.caching"),
    "Network Error Logging (NEL)": ("Headers", "headers.reporting"),
    "Critical Headers for VS Code MCP Client": ("CORS", "cors.sse.browser"),
    "Token Format": ("Tokens and their lifetime", "token.access.shape"),
    "Transport Method": ("Transport and its negotiation", "transport.kinds"),
    "OAuth Server Role": ("Endpoints and discovery", "discovery.cross_origin"),
    "Token Lifetime": ("Tokens and their lifetime", "token.lifetime"),
    "Discovery Endpoints": ("Endpoints and discovery", "discovery.server-metadata"),
    "PKCE Implementation": ("Registration and PKCE", "authorization.pkce"),
    "MCP Tools Discovery": ("Tools, resources and prompts", "tools.list"),
    "Tool Capabilities Observed": (
        "Tools, resources and prompts",
        "tools.tool.searchConfluenceUsingCql",
    ),
    "Refresh Token: Immediate Refresh Test": ("Refresh", "refresh.immediate"),
    "Refresh Token: Token Structure Consistency": (
        "Tokens and their lifetime",
        "token.refresh.shape",
    ),
    "Refresh Token: Scope and Expiration": ("Refresh", "refresh.scope_kept"),
    "Refresh Token: Client ID Requirements": ("Refresh", "refresh.parameters"),
    "Refresh Token: OAuth 2.0 Compliance": ("Refresh", "refresh.encoding"),
    "Authorization Error Response Format": (
        "Refusals without a good token",
        "challenge.sse.GET.no token",
    ),
    "MCP Session ID Header Exposure": ("CORS", "cors.message.browser"),
    "Async Response Pattern": ("Transport and its negotiation", "transport.message.answer"),
    "Error Response Pattern Analysis": (
        "Refusals without a good token",
        "challenge.sse.POST.no token",
    ),
    "VS Code MCP Client Behavior: Transport Negotiation Pattern": (
        "Transport and its negotiation",
        "transport.client.Visual Studio Code 1",
    ),
    "VS Code MCP Client Behavior: Protocol Support": ("Protocol", "protocol.not_found"),
    "Token Format Analysis": ("Tokens and their lifetime", "token.access.shape"),
}
"""The headings of the report that people once wrote by hand: our part, and a finding there.

Left out is what compares that service with another one, or asks for work to be done.
"""


@cache
def report() -> Report:
    with TemporaryDirectory() as scratch:
        return assemble(analyse([official().write(Path(scratch, "official.jsonl"))]))


@cache
def findings() -> dict[str, Finding]:
    return {each.id: each for section in report().sections for each in section.findings}


@cache
def written() -> dict[str, list[str]]:
    """Give the lines of the report in Markdown by its parts."""
    parts: dict[str, list[str]] = {}
    for part in markdown(report()).split("\n## ")[1:]:
        title, *lines = part.splitlines()
        parts[title] = lines
    return parts


def says(part: str, *said: str) -> bool:
    return any(all(words in line for words in said) for line in written()[part])


@pytest.mark.parametrize(
    "fact", [*oauth.facts(), *mcp.facts()], ids=lambda fact: f"{fact.path[0]}: {fact.what}"
)
def test_a_fact_is_found_and_told(fact: Fact) -> None:
    id_, *keys = fact.path
    value: object = findings()[str(id_)].value
    for key in keys:
        assert isinstance(value, dict | list)
        value = value[key]  # type: ignore[call-overload,index]  # a case's keys fit its finding
    assert value == fact.value
    assert says(fact.part, *fact.said), "\n".join(written()[fact.part])


def test_there_are_as_many_tools_of_each_kind_as_there_were() -> None:
    assert (len(USER_AND_ACCESS), len(CONFLUENCE), len(JIRA)) == (3, 11, 10)
    assert len(TOOLS) == 24


def test_every_tool_is_described() -> None:
    for name in TOOLS:
        assert says("Tools, resources and prompts", f"| `{name}` |")


def test_a_token_lives_exactly_as_long_as_is_told() -> None:
    lived = findings()["token.lifetime.observed"]
    assert lived.low is not None
    assert lived.high is not None
    assert 3290 < lived.low < 3300
    assert lived.high == pytest.approx(3316, abs=1)  # sixteen seconds after its end
    assert says("Tokens and their lifetime", "3,300 s (55 min)", "measured", "3,316.")


def test_renewed_tokens_live_as_long_as_the_first() -> None:
    told = findings()["token.lifetime"]
    assert (told.count, told.note) == (10, None)


def test_the_timeline_of_a_token() -> None:
    part = "Tokens and their lifetime"
    token = next(line.split("|")[2].strip() for line in written()[part] if "expires" in line)
    told = [line.split("|")[3].strip() for line in written()[part] if f"| {token} |" in line]
    assert told == [
        "issued by refresh token, the refresh token is new",
        "first accepted",
        "last accepted",
        "expires, as it was said",
        "first refused: 401",
    ]


def test_the_way_in_is_drawn_for_each_client() -> None:
    drawn = "\n".join(written()["The way in"])
    for client in ("wiretape-probe 1", "Visual Studio Code 1", "desktop (via mcp-remote) 1"):
        assert f"### {client}, in " in drawn
    for step in ("POST /v1/sse initialize", "GET /v1/sse", "POST /v1/sse/message initialize"):
        assert f": {step}\n" in drawn
    assert "200, event stream" in drawn


@pytest.mark.parametrize("heading", HEADINGS)
def test_what_people_wrote_by_hand_has_its_place(heading: str) -> None:
    part, id_ = HEADINGS[heading]
    assert part in written()
    if id_ is not None:
        titles = {
            each.id: section.title for section in report().sections for each in section.findings
        }
        assert titles[id_] == part


def test_nothing_is_left_over() -> None:
    assert "Other findings" not in written()


def test_nothing_is_wrong_with_the_service() -> None:
    assert report().diagnoses == ()
