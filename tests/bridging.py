"""The reference bridge as a process, in front of a replayed service, and clients of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import httpx2
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from notes_client import Credentials
from pydantic import AnyUrl

from misbehaving import ACCEPT, message, told
from peers.processes import environment, serving
from replayed import CALLBACK, CHALLENGE, VERIFIER
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.service import Choices

PROFILES = ("atlassian-2025-08", "atlassian-2026-03", "atlassian-2026-09")
TOOL = "atlassianUserInfo"
LIFETIME = 3300

type Json = Any


@contextmanager
def bridge_process(upstream: str, store: Path, *options: str) -> Iterator[tuple[str, Path]]:
    """Run a bridge; gives the URL of its MCP endpoint, and its log."""
    command = [sys.executable, "-m", "bridge", "--upstream", upstream, "--store", str(store)]
    with serving([*command, *options], environment()) as started:
        yield started


class Bridged:
    """A client by hand of a bridge, and the service behind that."""

    def __init__(self, url: str, service: StandIn, log: Path, http: httpx.Client) -> None:
        self.url, self.service, self.log, self.http = url, service, log, http
        self.origin = url.removesuffix("/mcp")
        self.headers: dict[str, str] = dict(ACCEPT)
        self.client: Json = None
        self.tokens: Json = None
        self.tool = TOOL

    def register(self, **asked: Json) -> httpx.Response:
        wanted = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"} | asked
        return self.http.post(f"{self.origin}/register", json=wanted)

    def wish(self, **other: str | None) -> httpx.Response:
        """Ask for authorization; None leaves a parameter out."""
        asked = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": CALLBACK,
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | other
        given = {name: value for name, value in asked.items() if value is not None}
        return self.http.get(f"{self.origin}/authorize", params=given)

    def redirected(self, answer: httpx.Response) -> dict[str, str]:
        """Follow redirects as a browser does, up to the client's own; gives what comes back."""
        while not answer.headers["location"].startswith(CALLBACK):
            answer = self.http.get(answer.headers["location"])
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def token(self, **form: str) -> httpx.Response:
        given = {"client_id": self.client["client_id"]} | form
        return self.http.post(f"{self.origin}/access-token", data=given)

    def exchange(self, code: str, **other: str) -> httpx.Response:
        given = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER} | other
        return self.token(grant_type="authorization_code", **given)

    def refresh(self) -> httpx.Response:
        token = self.tokens["refresh_token"]
        return self.token(grant_type="refresh_token", refresh_token=token)

    def take(self, answer: httpx.Response) -> Json:
        self.tokens = answer.json()
        self.headers["authorization"] = f"Bearer {self.tokens['access_token']}"
        return self.tokens

    def afresh(self) -> "Bridged":
        """Forget what was before: faults, the service's journal, sessions and grants."""
        self.service.disarm()
        self.service.do(lambda at: at.service.world.journal.clear())
        self.headers, self.tokens = dict(ACCEPT), None
        self.http.cookies.clear()
        self.grant()
        return self

    def grant(self) -> Json:
        """Do all of OAuth."""
        self.client = self.register().json()
        return self.take(self.exchange(self.redirected(self.wish())["code"]))

    def say(self, method: str, number: int | None = None, **params: Json) -> httpx.Response:
        return self.http.post(
            self.url, json=message(method, number, **params), headers=self.headers
        )

    def begin(self) -> httpx.Response:
        """Begin a session."""
        self.headers.pop("mcp-session-id", None)
        about = {"name": "by-hand", "version": "0"}
        opened = self.say(
            "initialize", 0, protocolVersion="2025-06-18", capabilities={}, clientInfo=about
        )
        if "mcp-session-id" in opened.headers:
            self.headers["mcp-session-id"] = opened.headers["mcp-session-id"]
            self.say("notifications/initialized")
        return opened

    def call(self, number: int = 1) -> httpx.Response:
        return self.say("tools/call", number, name=self.tool, arguments={})

    def asked(self, operation: str) -> list[int | None]:
        """Give the statuses of what the service was asked, by what was asked."""
        return [each.status for each in self.service.journal if each.operation == operation]


def text(answer: httpx.Response) -> str:
    """Give the text that a call resulted in."""
    assert answer.status_code == 200, answer.text
    return str(told(answer)["result"]["content"][0]["text"])


@contextmanager
def bridged(
    tmp_path: Path, profile: str = PROFILES[1], *options: str, granted: bool = True
) -> Iterator[Bridged]:
    """Run a service and a bridge in front of it; gives a client."""
    choices = Choices(expires_in=LIFETIME)
    with (
        replayed(profile, choices=choices) as service,
        bridging(service, tmp_path, *options) as found,
    ):
        if granted:
            found.grant()
        yield found


@contextmanager
def bridging(service: StandIn, tmp_path: Path, *options: str) -> Iterator[Bridged]:
    """Run a bridge in front of a service; gives a client of it that has no grant yet."""
    with (
        bridge_process(service.url, tmp_path / "bridge.sqlite", *options) as (url, log),
        httpx.Client(timeout=30, trust_env=False) as http,
    ):
        yield Bridged(url, service, log, http)


def browsing(url: str, credentials: Credentials) -> OAuthClientProvider:
    """Give the mcp SDK's authorization, with a browser that follows redirects."""
    answer: dict[str, str] = {}

    async def open_browser(authorize: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as browser:
            page = await browser.get(authorize)
            while not page.headers["location"].startswith(CALLBACK):
                page = await browser.get(page.headers["location"])
        answer.update(parse_qsl(urlsplit(page.headers["location"]).query))

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**answer)

    about = OAuthClientMetadata(client_name="a client", redirect_uris=[AnyUrl(CALLBACK)])
    return OAuthClientProvider(
        url, about, credentials, redirect_handler=open_browser, callback_handler=callback
    )
