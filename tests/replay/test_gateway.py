"""All that a gateway has upstream, by HTTP: users with a token and a site of their own."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
from mcp import Client as Mcp
from mcp.client.streamable_http import streamable_http_client
from three_legged import CLIENT, KNOWN, PROFILE, SCOPE, USERS

from concluded import concluded
from replayed import CALLBACK, replaying, shipped
from wiretape.analysis.profile.compile import profile_of
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.clock import Clock
from wiretape.replay.oauth.sites import site_of
from wiretape.replay.service import Choices

type Json = Any

CHOICES = Choices(clients=(KNOWN,), users=USERS)
CALL = ("jira_get_issue", {"issue_key": "DEMO-1"})


class Upstream:
    """Atlassian and mcp-atlassian, found by environment variables as a gateway's settings are."""

    def __init__(self, env: dict[str, str], http: httpx.Client) -> None:
        self.env = env
        self.http = http

    def authorized(self, user: str) -> str:
        """Have a user's browser consent; gives the code that the callback is told."""
        asked = {"response_type": "code", "client_id": KNOWN.id, "redirect_uri": CALLBACK}
        asked |= {"scope": SCOPE, "state": user, "audience": "api.atlassian.com"}
        reply = self.http.get(
            self.env["WIRETAPE_AUTHORIZATION_URL"],
            params=asked | {"prompt": "consent"},
            headers={"cookie": f"wiretape_user={user}"},
        )
        told = parse_qs(urlsplit(reply.headers["location"]).query)
        assert told["state"] == [user]
        return told["code"][0]

    def token(self, **asked: str) -> httpx.Response:
        return self.http.post(self.env["WIRETAPE_TOKEN_URL"], json=asked)

    def connected(self, user: str) -> Json:
        """Give a user's tokens."""
        asked = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        return self.token(**CLIENT, **asked, code=self.authorized(user)).json()

    def site(self, token: str) -> str:
        """Give the id of the one site that a token opens."""
        url = self.env["WIRETAPE_RESOURCES_URL"]
        (site,) = self.http.get(url, headers={"authorization": f"Bearer {token}"}).json()
        found: str = site["id"]
        return found

    def called(self, token: str, **headers: str) -> bool:
        """Call a tool by the official SDK; tells whether that went well."""
        return asyncio.run(_called(self.env["WIRETAPE_URL"], token, headers))


async def _called(url: str, token: str, headers: dict[str, str]) -> bool:
    sent = {"authorization": f"Bearer {token}"} | headers
    async with (
        httpx2.AsyncClient(headers=sent, trust_env=False) as http,
        Mcp(streamable_http_client(url, http_client=http)) as client,
    ):
        assert len((await client.list_tools()).tools) == 5
        return not (await client.call_tool(*CALL)).is_error


@contextmanager
def upstream(service: StandIn) -> Iterator[Upstream]:
    with httpx.Client(trust_env=False, timeout=5) as http:
        yield Upstream(service.env(), http)


def test_users_act_with_their_own_token_at_their_own_site() -> None:
    with replayed(PROFILE, choices=CHOICES) as service, upstream(service) as gateway:
        tokens = {user: gateway.connected(user)["access_token"] for user in USERS}
        sites = {user: gateway.site(token) for user, token in tokens.items()}
        for user, token in tokens.items():
            assert gateway.called(token, **{"X-Atlassian-Cloud-Id": sites[user]})
        assert not gateway.called(tokens["ada"], **{"X-Atlassian-Cloud-Id": sites["bob"]})
        assert not gateway.called(tokens["ada"])
        calls = [entry for entry in service.journal if entry.operation == "tools/call"]
    assert [(entry.user, entry.site) for entry in calls] == [
        ("ada", "good"),
        ("bob", "good"),
        ("ada", "foreign site"),
        ("ada", "no site"),
    ]


def test_a_token_that_is_over_is_refreshed_with_the_secret() -> None:
    clock = Clock(1_700_000_000, rate=0)
    with replayed(PROFILE, choices=CHOICES, clock=clock) as service, upstream(service) as gateway:
        tokens = gateway.connected("ada")
        service.clock.advance(3600)
        refused = gateway.http.get(
            service.env()["WIRETAPE_RESOURCES_URL"],
            headers={"authorization": f"Bearer {tokens['access_token']}"},
        )
        assert refused.status_code == 401
        asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        forgotten = gateway.token(client_id=KNOWN.id, **asked)
        assert (forgotten.status_code, forgotten.json()["error"]) == (401, "access_denied")
        fresh = gateway.token(**CLIENT, **asked).json()
        assert gateway.site(fresh["access_token"])


def test_a_recording_of_it_is_understood_and_has_no_secret(tmp_path: Path) -> None:
    with replayed(PROFILE, choices=CHOICES, record=tmp_path) as service:
        env = service.env()
        with upstream(service) as gateway:
            for user in USERS:
                token = gateway.connected(user)["access_token"]
                assert gateway.called(token, **{"X-Atlassian-Cloud-Id": gateway.site(token)})
            assert gateway.http.get(env["WIRETAPE_RESOURCES_URL"]).status_code == 401
    (file,) = tmp_path.glob("*.jsonl")
    assert CLIENT["client_secret"] not in file.read_text(encoding="utf-8")
    analysis = concluded(file)
    learnt = profile_of(analysis, "learnt")
    assert learnt.endpoints.mcp == env["WIRETAPE_URL"]
    assert learnt.endpoints.authorization == env["WIRETAPE_AUTHORIZATION_URL"]
    assert learnt.endpoints.token == env["WIRETAPE_TOKEN_URL"]
    assert learnt.endpoints.resources == env["WIRETAPE_RESOURCES_URL"]
    refused = {"resources": shipped(PROFILE).challenge["resources"]["GET"]["no token"]}
    assert {role: at["GET"]["no token"] for role, at in learnt.challenge.items()} == refused
    assert learnt.token.client_auth == "client_secret_post"
    assert learnt.tools == shipped(PROFILE).tools
    assert analysis.diagnoses == ()
    with replayed(learnt, choices=CHOICES) as service, upstream(service) as gateway:
        assert gateway.site(gateway.connected("ada")["access_token"]) == site_of("ada")


def test_the_command_reads_the_client_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "client.json"
    file.write_text(json.dumps(CLIENT | {"redirect_uris": [CALLBACK]}), encoding="utf-8")
    words = (PROFILE, "--client", str(file), "--user", "ada")
    with replaying(tmp_path, *words), httpx.Client(trust_env=False, timeout=5) as http:
        here = dict(
            reversed(line.split(" stands for "))
            for line in (tmp_path / "stderr.txt").read_text().splitlines()
            if " stands for " in line
        )
        auth = here["https://auth.atlassian.com"]
        env = {
            "WIRETAPE_AUTHORIZATION_URL": f"{auth}/authorize",
            "WIRETAPE_TOKEN_URL": f"{auth}/oauth/token",
        }
        assert Upstream(env, http).connected("ada")["expires_in"] == 3600


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "says"),
    [
        ("POST", "/mcp", {}, 401, "Authentication required"),
        ("POST", "/mcp", {"accept": "application/json"}, 406, "Not Acceptable"),
        ("POST", "/mcp/", {}, 307, ""),
        ("OPTIONS", "/mcp", {}, 405, ""),
        ("GET", "/mcp", {}, 400, "Missing session ID"),
        ("GET", "/mcp", {"accept": "application/json"}, 406, "Not Acceptable"),
    ],
)
def test_mcp_atlassian_refuses_as_it_was_seen_to(
    method: str, path: str, headers: dict[str, str], status: int, says: str
) -> None:
    with replayed(PROFILE, choices=CHOICES) as service, upstream(service) as gateway:
        if "accept" in headers or method == "GET":
            token = gateway.connected("ada")["access_token"]
            headers = headers | {"authorization": f"Bearer {token}"}
        base = service.url.removesuffix("/mcp")
        reply = gateway.http.request(method, base + path, headers=headers)
    assert reply.status_code == status
    assert says in reply.text
    assert not {"www-authenticate", "access-control-allow-origin"} & reply.headers.keys()
    if status == 307:
        assert reply.headers["location"] == f"{base}/mcp"
