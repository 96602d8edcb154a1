"""Lists in pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayed import shipped
from speaking import Speaker, altered, told
from wiretape.analysis.profile.model import Profile


def client(profile: Profile) -> Speaker:
    found = Speaker(profile)
    found.begin()
    return found


def pages(of: Speaker, method: str, member: str) -> list[list[Any]]:
    found = []
    cursor: dict[str, Any] = {}
    while True:
        result = told(of.say(method, 1, **cursor))["result"]
        found.append(result[member])
        if "nextCursor" not in result:
            return found
        cursor = {"cursor": result["nextCursor"]}


@given(st.integers(0, 130))
def test_all_pages_together_are_the_list(count: int) -> None:
    names = tuple(f"tool-{number}" for number in range(count))
    profile = altered("mcp-atlassian", tools__list=names, tools__paged=True, tools__tool={})
    found = pages(client(profile), "tools/list", "tools")
    assert tuple(tool["name"] for page in found for tool in page) == names
    assert len(found) > 1 or count < 2
    assert max(map(len, found)) <= 50


@pytest.mark.parametrize(
    ("section", "method", "member"),
    [
        ("resources", "resources/list", "resources"),
        ("resources__templates", "resources/templates/list", "resourceTemplates"),
        ("prompts", "prompts/list", "prompts"),
    ],
)
def test_every_list_can_come_in_pages(section: str, method: str, member: str) -> None:
    known = {f"{section}__list": ("a", "b", "c"), f"{section}__paged": True}
    found = pages(client(altered("mcp-atlassian", **known)), method, member)
    assert [len(page) for page in found] == [2, 1]


@pytest.mark.parametrize(
    "cursor", ["", "x", "dG9vbHMgOTk=", "dG9vbHMgLTE=", "cHJvbXB0cyAx", "é", 7, [], "dG9vbHMg"]
)
def test_a_cursor_that_nobody_gave_is_refused(cursor: Any) -> None:
    a = client(altered("oauth-streamable", tools__paged=True))
    assert told(a.say("tools/list", 1, cursor=cursor))["error"]["code"] == -32602


def test_what_did_not_come_in_pages_does_not() -> None:
    a = client(shipped("oauth-streamable"))
    assert len(pages(a, "tools/list", "tools")) == 1
