"""What a browser lets a page do, as the Fetch standard says."""

import pytest
from httpx import Headers

from wiretape.replay.conformance.cors import asked_first, exposed, refused, shared

SITE = "https://vscode.dev"
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("method", "headers", "names"),
    [
        ("GET", [("Accept", "text/event-stream")], None),
        ("POST", [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], None),
        ("POST", [JSON], ("content-type",)),
        ("GET", [("MCP-Protocol-Version", "2025-06-18")], ("mcp-protocol-version",)),
        ("POST", [JSON, ("Authorization", "Bearer a")], ("authorization", "content-type")),
        ("DELETE", [], ()),
    ],
)
def test_what_a_preflight_asks_for(
    method: str, headers: list[tuple[str, str]], names: tuple[str, ...] | None
) -> None:
    assert asked_first(method, headers) == names


ANY = {"access-control-allow-origin": "*"}
HEADERS = {"access-control-allow-headers": "Content-Type, Mcp-Session-Id"}
METHODS = {"access-control-allow-methods": "GET, POST, DELETE"}


@pytest.mark.parametrize(
    ("status", "given", "method", "names", "why"),
    [
        (204, ANY | HEADERS, "POST", ["content-type"], ""),
        (200, ANY | METHODS, "DELETE", [], ""),
        (200, ANY | {"access-control-allow-methods": "*"}, "DELETE", [], ""),
        (200, ANY | {"access-control-allow-headers": "*"}, "POST", ["content-type"], ""),
        (200, {"access-control-allow-origin": SITE} | HEADERS, "POST", ["content-type"], ""),
        (405, ANY | HEADERS, "POST", ["content-type"], "the preflight was answered 405"),
        (200, HEADERS, "POST", [], "the preflight's answer does not allow the origin"),
        (200, ANY, "DELETE", [], "DELETE is not allowed"),
        (200, ANY | HEADERS, "POST", ["authorization"], "the header authorization is not allowed"),
        (
            200,
            ANY | {"access-control-allow-headers": "*"},
            "POST",
            ["authorization"],
            "the header authorization is not allowed",
        ),
    ],
)
def test_what_a_preflight_allows(
    status: int, given: dict[str, str], method: str, names: list[str], why: str
) -> None:
    assert refused(status, Headers(given), SITE, method, names) == why


def test_an_answer_is_shared_with_the_origin_that_it_names() -> None:
    allowed = "access-control-allow-origin"
    assert shared(Headers({allowed: "*"}), SITE)
    assert shared(Headers({allowed: SITE}), SITE)
    assert not shared(Headers({allowed: "https://elsewhere.example"}), SITE)
    assert not shared(Headers(), SITE)


def test_a_header_is_read_if_it_is_exposed() -> None:
    named = "access-control-expose-headers"
    assert exposed(Headers(), "Content-Type")
    assert not exposed(Headers(), "Mcp-Session-Id")
    assert exposed(Headers({named: "mcp-session-id, Retry-After"}), "Mcp-Session-Id")
    assert exposed(Headers({named: "*"}), "Mcp-Session-Id")
