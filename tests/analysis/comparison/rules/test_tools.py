from typing import Any

import pytest

from comparing import judged, known
from wiretape.analysis.comparison.compare import compare

AT = "tools.tool.search"


def tool(required: list[str], **properties: str) -> dict[str, Any]:
    typed = {name: {"type": type_} for name, type_ in properties.items()}
    return {"input": {"properties": typed, "required": required}, "title": "Search"}


SEARCH = tool(["query"], query="string", limit="integer")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (tool(["query", "limit"], query="string", limit="integer"), {AT: "breaking"}),
        (tool(["query"], query="string"), {AT: "risky"}),
        (tool(["query"], query="string", limit="string"), {AT: "risky"}),
        (tool([], query="string", limit="integer", page="integer"), {}),
        (SEARCH | {"title": "Look"}, {"tools.wording": "cosmetic"}),
        ({"title": "Search"}, {}),
    ],
)
def test_how_a_tool_is_called(subject: dict[str, Any], expected: dict[str, str]) -> None:
    assert judged(AT, SEARCH, subject) == expected


def test_a_tool_that_is_described_in_one_profile_only() -> None:
    assert judged(AT, {"input": SEARCH["input"]}, SEARCH) == {}


def test_lists() -> None:
    assert judged("tools.list", ["a", "b"], ["b"]) == {"tools.missing": "risky"}
    assert judged("tools.list", ["a"], ["a", "b"]) == {"tools.more": "cosmetic"}
    assert judged("prompts.list", ["a"], ["b"]) == {
        "prompts.missing": "risky",
        "prompts.more": "cosmetic",
    }


@pytest.mark.parametrize("what", ["tools", "prompts", "resources", "resources.templates"])
def test_what_is_missing_has_a_requirement_of_its_own(what: str) -> None:
    one, other = known({f"{what}.list": ["a"]}), known({f"{what}.list": ["b"]})
    (lost,) = compare(one, other, {}).open("risky")
    assert lost.requirement == f"MCP 2025-03-26, Server features: {what.partition('.')[0]}"


def test_pages() -> None:
    assert judged("tools.paged", reference=False, subject=True) == {"tools.paged": "risky"}
    assert judged("tools.paged", reference=True, subject=False) == {}


@pytest.mark.parametrize("id_", ["tools.changed", "tools.calls"])
def test_what_may_differ(id_: str) -> None:
    assert judged(id_, ["a"], ["b"]) == {}


def test_what_vendors_add_is_no_wording() -> None:
    at = "tools.tool.search"
    assert judged(at, {"more": {"icons": [1]}}, {"more": {"icons": [2], "_meta": {}}}) == {}


def test_how_what_is_not_listed_is_refused_may_differ() -> None:
    for area in ("tools", "resources", "prompts"):
        assert judged(f"{area}.unknown", {"code": -32602}, {"code": -32002}) == {}
        found = compare(known({f"{area}.unknown": 1}), known({f"{area}.paged": True}), {})
        assert {each.finding for each in found.unseen} == {f"{area}.paged"}
