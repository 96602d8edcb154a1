"""Which sites a token opens: Atlassian's accessible-resources."""

import json
from uuid import UUID

import pytest
from three_legged import CLIENT, Gateway

from wiretape.replay.oauth.sites import site_of


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def test_each_user_has_a_site_of_their_own(gateway: Gateway) -> None:
    ada, bob = (gateway.site(gateway.connect(user)) for user in ("ada", "bob"))
    assert (ada["name"], bob["name"]) == ("ada", "bob")
    assert str(UUID(ada["id"])) == ada["id"] == site_of("ada")
    assert ada["id"] != bob["id"]
    assert ada["url"] != bob["url"]
    assert ada["url"].endswith(".atlassian.net")
    assert ada.keys() == {"id", "url", "name", "scopes", "avatarUrl"}


def test_it_is_the_same_in_each_run_and_after_a_refresh(gateway: Gateway) -> None:
    tokens = gateway.connect("ada")
    fresh = gateway.answer_of(gateway.refresh(CLIENT, tokens["refresh_token"]))
    another = Gateway(users=("bob", "ada"))
    assert gateway.site(tokens) == gateway.site(fresh) == another.site(another.connect("ada"))


def test_scopes_are_those_for_the_site(gateway: Gateway) -> None:
    assert gateway.site(gateway.connect("ada"))["scopes"] == ["read:jira-work"]


@pytest.mark.parametrize("token", [None, "nobody-gave-this"])
def test_without_a_good_token_there_is_nothing(gateway: Gateway, token: str | None) -> None:
    reply = gateway.resources(token)
    assert (reply.status, json.loads(reply.body)) == (401, {"code": 401, "message": "Unauthorized"})
    assert reply.header("www-authenticate") is None


def test_a_token_that_is_over_opens_nothing(gateway: Gateway) -> None:
    token = gateway.connect("ada")["access_token"]
    gateway.clock.advance(3599)
    assert gateway.resources(token).status == 200
    gateway.clock.advance(1)
    assert gateway.resources(token).status == 401


def test_it_is_only_read(gateway: Gateway) -> None:
    token = gateway.connect("ada")["access_token"]
    assert gateway.resources(token, "POST").status == 405


def test_the_journal_tells_whose_token_it_was(gateway: Gateway) -> None:
    gateway.resources(gateway.connect("bob")["access_token"])
    *_, entry = gateway.service.world.journal
    assert (entry.role, entry.user, entry.token, entry.status) == ("resources", "bob", "good", 200)


@pytest.mark.parametrize("fault", ["unauthorized", "expired-early"])
def test_faults_that_refuse_tokens_do_so_here(gateway: Gateway, fault: str) -> None:
    token = gateway.connect("ada")["access_token"]
    gateway.clock.advance(60)
    gateway.service.faults.arm(fault, times=1)
    assert [gateway.resources(token).status for _ in range(2)] == [401, 200]
