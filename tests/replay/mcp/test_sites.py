"""Calls that say which of the users' sites they are for."""

import json
from typing import Any

import pytest
from three_legged import Gateway

from replayed import Json, changed, shipped
from wiretape.analysis.profile.values import Denial
from wiretape.replay.http.messages import Reply
from wiretape.replay.journal import Entry
from wiretape.replay.oauth.sites import site_of

HEADER = "x-atlassian-cloud-id"
ACCEPT = {"accept": "application/json, text/event-stream"}
CALL = {"name": "jira_get_issue", "arguments": {"issue_key": "DEMO-1"}}


class Session:
    """A user's MCP session, in which each request says what it likes of the site."""

    def __init__(self, gateway: Gateway, user: str) -> None:
        self.gateway = gateway
        token = gateway.connect(user)["access_token"]
        self.headers = ACCEPT | {"authorization": f"Bearer {token}"}
        opened = self.say("initialize", protocolVersion="2025-11-25", capabilities={})
        self.headers["mcp-session-id"] = opened.header("mcp-session-id") or ""

    def say(self, method: str, site: str | None = None, **params: Any) -> Reply:
        sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        named = {} if site is None else {HEADER: site}
        url = self.gateway.profile.endpoints.mcp or ""
        return self.gateway.post_json(url, sent, self.headers | named)

    @property
    def last(self) -> Entry:
        return tuple(self.gateway.service.world.journal)[-1]


def result(reply: Reply) -> Json:
    assert reply.status == 200, reply.body
    return json.loads(reply.body.partition(b"data: ")[2])["result"]


def test_a_tool_is_used_at_the_users_own_site() -> None:
    session = Session(Gateway(), "ada")
    found = result(session.say("tools/call", site_of("ada"), **CALL))
    assert found["isError"] is False
    assert (session.last.site, session.last.user) == ("good", "ada")


@pytest.mark.parametrize(
    ("site", "told"),
    [(None, "no site"), ("", "no site"), ("x", "foreign site"), (site_of("bob"), "foreign site")],
)
def test_without_it_or_at_anothers_it_fails_and_the_journal_says_why(
    site: str | None, told: str
) -> None:
    session = Session(Gateway(), "ada")
    found = result(session.say("tools/call", site, **CALL))
    assert found["isError"] is True
    assert "jira_get_issue" in found["content"][0]["text"]
    entry = session.last
    assert (entry.site, entry.user, entry.matched, entry.status) == (told, "ada", "profile", 200)


def test_everything_else_needs_no_site() -> None:
    session = Session(Gateway(), "ada")
    assert len(result(session.say("tools/list"))["tools"]) == 5
    assert session.last.site is None


@pytest.mark.parametrize(
    ("refused", "status", "code"),
    [
        (Denial(code="-32602", message="{name} needs a site", status=400), 400, -32602),
        (None, 200, -32602),
    ],
)
def test_it_is_refused_as_the_profile_knows(refused: Denial | None, status: int, code: int) -> None:
    known = shipped("atlassian-gateway")
    site = {"header": HEADER.title()} | ({} if refused is None else {"refused": refused})
    session = Session(Gateway(changed(known, transport={"site": site})), "ada")
    reply = session.say("tools/call", **CALL)
    assert reply.status == status
    text = reply.body.partition(b"data: ")[2] or reply.body
    assert json.loads(text)["error"]["code"] == code


def test_where_tokens_are_somebody_elses_any_site_will_do() -> None:
    known = shipped("mcp-atlassian")
    gateway = Gateway(changed(known, transport={"site": {"header": HEADER}}))
    url = known.endpoints.mcp or ""
    headers = ACCEPT | {"authorization": "Bearer of-somebody-else"}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    opened = gateway.post_json(url, hello, headers)
    headers["mcp-session-id"] = opened.header("mcp-session-id") or ""
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": CALL}
    replies = [gateway.post_json(url, call, headers | more) for more in ({HEADER: "any"}, {})]
    assert b"assumed by wiretape" in replies[0].body
    assert b"No such site" in replies[1].body
