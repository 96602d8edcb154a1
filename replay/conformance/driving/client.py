"""An OAuth and MCP client by hand, which can be wrong where a library would not be.

It goes the way of MCP clients: metadata of the protected resource (RFC 9728) if there is any and of
the authorization server (RFC 8414), registration (RFC 7591), a code with PKCE, tokens; then MCP by
streamable HTTP.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from wiretape.recorder.log.urls import origin
from wiretape.recorder.wire.sse import EventStream
from wiretape.replay.conformance.driving.browser import browsed
from wiretape.replay.conformance.stage import Stage, StuckError

REVISION = "2025-06-18"
BOTH = "application/json, text/event-stream"
_MOST = 1 << 20


class Client:
    """A client of the MCP endpoint at `url`, for one user with a browser of their own.

    Requests give the answer as it is; `login` and `begin` raise StuckError if they do not succeed.
    `headers` are sent with all that goes to the endpoint; `documents` are where metadata was found.
    """

    def __init__(self, url: str, callback: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.callback = callback
        self.http = http
        self.headers: dict[str, str] = {"accept": BOTH}
        self.documents: list[str] = []
        self.server: dict[str, Any] = {}
        self.registered: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {}
        self.verifier = ""
        self._number = 0

    async def discover(self) -> dict[str, Any]:
        """Find the authorization server's metadata."""
        parts = urlsplit(self.url)
        found = await self._document("oauth-protected-resource", origin(self.url), parts.path)
        servers = found.get("authorization_servers") or [origin(self.url)]
        issuer = urlsplit(servers[0])
        self.server = await self._document(
            "oauth-authorization-server", f"{issuer.scheme}://{issuer.netloc}", issuer.path
        )
        return self.server

    async def register(self, **asked: Any) -> httpx.Response:
        """Register as a public client, unless asked for otherwise."""
        wanted = {
            "client_name": "wiretape conform",
            "redirect_uris": [self.callback],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }
        answer = await self.http.post(self.at("registration_endpoint"), json=wanted | asked)
        if answer.is_success:
            self.registered = answer.json()
        return answer

    async def authorize(self, **other: str | None) -> httpx.Response:
        """Ask for a code, with a new verifier; None leaves a parameter out."""
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.registered.get("client_id"),
            "redirect_uri": self.callback,
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "resource": self.url,
        } | other
        given = {name: value for name, value in asked.items() if value is not None}
        return await self.http.get(self.at("authorization_endpoint"), params=given)

    async def browse(self, answer: httpx.Response) -> dict[str, str]:
        """Go on in the browser until the client's callback; gives what it is told there."""
        return await browsed(self.http, answer, self.callback)

    async def code(self, **other: str | None) -> str:
        """Obtain a code."""
        told = await self.browse(await self.authorize(**other))
        if "code" not in told:
            raise StuckError(f"authorization gave no code but {told.get('error', 'nothing')}")
        return told["code"]

    async def token(self, **form: str | None) -> httpx.Response:
        """Ask the token endpoint as this client; None leaves a field out."""
        asked = {"client_id": self.registered.get("client_id"), "resource": self.url} | form
        given = {name: value for name, value in asked.items() if value is not None}
        answer = await self.http.post(self.at("token_endpoint"), data=given)
        if answer.is_success:
            self.tokens = self.tokens | answer.json()
            self.headers["authorization"] = f"Bearer {self.tokens.get('access_token')}"
        return answer

    async def exchange(self, code: str, **other: str | None) -> httpx.Response:
        """Exchange a code for tokens."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": self.verifier,
        }
        return await self.token(**(form | other))

    async def refresh(self, **other: str | None) -> httpx.Response:
        """Exchange the refresh token for new tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens.get("refresh_token")}
        return await self.token(**(form | other))

    async def login(self) -> "Client":
        """Do all of OAuth."""
        await self.discover()
        expected(await self.register(), "registration")
        expected(await self.exchange(await self.code()), "the exchange of the code")
        return self

    async def begin(self, **capabilities: Any) -> httpx.Response:
        """Begin an MCP session, as a client that is capable of so much."""
        answer = expected(await self.initialize(**capabilities), "initialize")
        if "mcp-session-id" in answer.headers:
            self.headers["mcp-session-id"] = answer.headers["mcp-session-id"]
        chosen = result(answer).get("protocolVersion", REVISION)
        if chosen >= REVISION:
            self.headers["mcp-protocol-version"] = chosen
        await self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    async def initialize(self, **capabilities: Any) -> httpx.Response:
        """Ask for an MCP session, whatever the answer is."""
        self.headers.pop("mcp-session-id", None)
        self.headers.pop("mcp-protocol-version", None)
        about = {"name": "wiretape-conform", "version": "0"}
        return await self.call(
            "initialize", protocolVersion=REVISION, capabilities=capabilities, clientInfo=about
        )

    async def call(self, method: str, **params: Any) -> httpx.Response:
        """Send a request and read its answer to the end."""
        self._number += 1
        return await self.say(
            {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        )

    async def tool(self, name: str, **arguments: Any) -> httpx.Response:
        """Call a tool."""
        return await self.call("tools/call", name=name, arguments=arguments)

    async def say(self, message: Any, **headers: str) -> httpx.Response:
        """Post any JSON to the endpoint."""
        return await self.http.post(self.url, json=message, headers=self.headers | headers)

    async def get(self, **headers: str) -> httpx.Response:
        """GET the endpoint; of an event stream only the head is read."""
        asked = self.headers | {"accept": "text/event-stream"} | headers
        async with self.http.stream("GET", self.url, headers=asked) as answer:
            if "event-stream" not in answer.headers.get("content-type", ""):
                await answer.aread()
            return answer

    async def leave(self) -> httpx.Response:
        """End the session."""
        return await self.http.delete(self.url, headers=self.headers)

    def at(self, endpoint: str) -> str:
        """Give an endpoint; RFC 8414 knows no default, MCP 2025-03-26 does."""
        usual = {
            "registration_endpoint": "/register",
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
        }
        return str(self.server.get(endpoint) or origin(self.url) + usual[endpoint])

    async def _document(self, name: str, site: str, path: str) -> dict[str, Any]:
        for suffix in dict.fromkeys((path.rstrip("/"), "")):
            at = f"{site}/.well-known/{name}{suffix}"
            answer = await self.http.get(at)
            if answer.is_success:
                self.documents.append(at)
                found = answer.json()
                return found if isinstance(found, dict) else {}
        return {}


@asynccontextmanager
async def client(stage: Stage, user: str | None = None) -> AsyncIterator[Client]:
    """Give a client of the target that knows nothing yet, in whose browser a user is logged in."""
    async with stage.http() as http:
        if user is not None:
            http.cookies.set("wiretape_user", user)
        yield Client(stage.target.url, stage.config.bridge.callback, http)


def expected(answer: httpx.Response, what: str) -> httpx.Response:
    """Give an answer that is a success. Raises StuckError for any other."""
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.url.copy_with(query=None)}"
        raise StuckError(f"{what} failed: {asked} answered {answer.status_code}")
    return answer


def messages(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """Read the JSON-RPC messages of an answer, from its body or its event stream."""
    kind = answer.headers.get("content-type", "")
    if "event-stream" in kind:
        texts = [event.data for event in EventStream(_MOST).feed(answer.content) if event.data]
    else:
        texts = [answer.content] if "json" in kind else []
    for text in texts:
        said = json.loads(text)
        yield from said if isinstance(said, list) else [said]


def result(answer: httpx.Response) -> dict[str, Any]:
    """Give the result in an answer. Raises StuckError if there is none."""
    for message in messages(answer):
        if isinstance(message.get("result"), dict):
            return dict(message["result"])
    raise StuckError(f"{answer.request.method} {answer.url.path}: no result in the answer")
