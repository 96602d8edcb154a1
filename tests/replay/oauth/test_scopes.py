"""Scopes: asked for, narrowed, refused."""

import json

import pytest

from replayed import Caller, changed, error, offering, shipped, told

BOTH = "read:jira-work write:jira-work"


@pytest.fixture
def caller() -> Caller:
    return Caller(shipped("atlassian-2025-08"))


def test_a_refresh_may_ask_for_less_and_keeps_what_was_granted(caller: Caller) -> None:
    client, first = caller.granted(scope=BOTH)
    assert first["scope"] == BOTH
    less = json.loads(caller.refresh(client, first["refresh_token"], scope="read:jira-work").body)
    assert less["scope"] == "read:jira-work"
    again = json.loads(caller.refresh(client, less["refresh_token"]).body)
    assert again["scope"] == BOTH


def test_a_refresh_that_asks_for_more_is_refused_and_uses_nothing_up(caller: Caller) -> None:
    profile = changed(shipped("atlassian-2026-09"), refresh={"reuse": "revokes all"})
    caller = Caller(profile)
    client, tokens = caller.granted(scope="read:jira-work")
    refused = caller.refresh(client, tokens["refresh_token"], scope=BOTH)
    assert (refused.status, error(refused)) == (400, "invalid_scope")
    assert caller.refresh(client, tokens["refresh_token"]).status == 200


def test_a_scope_that_is_not_listed_is_invalid_where_there_is_a_list() -> None:
    profile = offering(shipped("atlassian-2025-08"), scopes_supported=["listed"])
    caller = Caller(profile)
    client = caller.register()
    refused = told(caller.authorize(client, scope="listed unlisted"))
    assert (refused["error"], refused["state"]) == ("invalid_scope", "a state")
    assert "code" in told(caller.authorize(client, scope="listed"))
    assert "code" in told(caller.authorize(client, scope=BOTH)), "what clients got is known"


def test_a_scope_is_refused_as_it_was() -> None:
    answer = {"status": 400, "media_type": "text/html", "body": "<h1>Bad scope</h1>"}
    profile = offering(shipped("atlassian-2025-08"), scopes_supported=["listed"])
    caller = Caller(changed(profile, authorization={"error": {"invalid_scope": answer}}))
    reply = caller.authorize(caller.register(), scope="unlisted")
    assert (reply.status, reply.body) == (400, b"<h1>Bad scope</h1>")
    assert dict(reply.headers)["content-type"] == "text/html"


def test_any_scope_is_taken_where_there_is_no_list(caller: Caller) -> None:
    assert "code" in told(caller.authorize(caller.register(), scope="anything"))


@pytest.mark.parametrize("scope", ['a"b', "a\\b", "a  b", " a", "é"])
def test_a_malformed_scope_is_invalid(caller: Caller, scope: str) -> None:
    assert told(caller.authorize(caller.register(), scope=scope))["error"] == "invalid_scope"


def test_a_narrowed_jwt_says_so() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    client, first = caller.granted(scope=BOTH)
    less = json.loads(caller.refresh(client, first["refresh_token"], scope="read:jira-work").body)
    assert caller.claims(less["access_token"])["scope"] == "read:jira-work"
