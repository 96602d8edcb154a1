"""Services of which only the tools look at tokens: anybody gets in, and can use none of them."""

import json
from typing import Any

import pytest
from three_legged import Gateway

from replayed import Json, changed, header, shipped
from wiretape.replay.http.messages import Reply
from wiretape.replay.oauth.sites import site_of

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}}
CALL = {"name": "jira_get_issue", "arguments": {"issue_key": "DEMO-1"}}
REFUSED = {"content": [{"type": "text", "text": "{name}: Unauthorized"}], "isError": True}
EXPIRED = 3601


@pytest.fixture
def gateway() -> Gateway:
    known = shipped("atlassian-gateway")
    return Gateway(changed(known, tools={"unauthorized": {"result": REFUSED}}))


def say(gateway: Gateway, token: str, method: str, session: str = "", **params: Any) -> Reply:
    headers = {
        "accept": "application/json, text/event-stream",
        "authorization": f"Bearer {token}",
        "x-atlassian-cloud-id": site_of("ada"),
    }
    headers |= {"mcp-session-id": session} if session else {}
    sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return gateway.post_json(gateway.profile.endpoints.mcp or "", sent, headers)


def result(reply: Reply) -> Json:
    assert reply.status == 200, reply.body
    return json.loads(reply.body.partition(b"data: ")[2])["result"]


def test_a_token_is_looked_at_when_a_tool_is_used(gateway: Gateway) -> None:
    token = gateway.connect("ada")["access_token"]
    session = header(say(gateway, token, "initialize", **HELLO), "mcp-session-id") or ""
    assert not result(say(gateway, token, "tools/call", session, **CALL))["isError"]
    gateway.clock.advance(EXPIRED)
    for bad in (token, "of-nobody"):
        assert len(result(say(gateway, bad, "tools/list", session))["tools"]) == 5
        refused = result(say(gateway, bad, "tools/call", session, **CALL))
        assert refused == REFUSED | {
            "content": [{"type": "text", "text": "jira_get_issue: Unauthorized"}]
        }
        entry = tuple(gateway.service.world.journal)[-1]
        assert (entry.matched, entry.status) == ("profile", 200)
        assert entry.token in {"expired token", "bad token"}
        assert header(say(gateway, bad, "initialize", **HELLO), "mcp-session-id")


def test_who_comes_without_a_token_is_refused_all_the_same(gateway: Gateway) -> None:
    for headers in ({}, {"authorization": "Basic abc"}):
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
        url = gateway.profile.endpoints.mcp or ""
        assert gateway.post_json(url, hello, headers).status == 401


def test_the_sites_of_a_token_that_is_not_good_are_not_told(gateway: Gateway) -> None:
    assert gateway.resources("of-nobody").status == 401
