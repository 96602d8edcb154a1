"""A small authorization server whose terms can be set, and a client of it that can get them wrong.

Neither is what is tested: what passes between them is.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CALLBACK = "http://127.0.0.1:8765/callback"
OFFLINE = "offline_access"


@dataclass
class AuthorizationServer:
    """Issues opaque tokens for a code; a refresh replaces both tokens.

    `secret` is what its clients must know, `seconds` how long an access token lives; a refresh
    token is only for who asked for `offline_access`. `issuer` is what its metadata say if that is
    not where they are. `broken` makes its page for the user answer 500.
    """

    scopes: tuple[str, ...] = ("read:notes", OFFLINE)
    secret: str | None = None
    seconds: int = 3600
    issuer: str | None = None
    broken: bool = False
    codes: dict[str, str] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)

    @property
    def routes(self) -> list[Route]:
        """Its endpoints, and beside them the metadata of a resource at `/mcp`."""
        return [
            Route("/.well-known/oauth-protected-resource/mcp", self._resource),
            Route("/.well-known/oauth-authorization-server", self._metadata),
            Route("/register", self._register, methods=["POST"]),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
        ]

    def refusal(self, request: Request) -> Response | None:
        """Refuse what comes to `/mcp` or `/sse` without a token that lives."""
        if request.url.path not in {"/mcp", "/sse"}:
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.access.get(token, 0) > time.monotonic():
            return None
        said = {"error": "invalid_token", "error_description": "Missing or invalid access token"}
        where = f"{_origin(request)}/.well-known/oauth-protected-resource/mcp"
        challenge = f'Bearer error="invalid_token", resource_metadata="{where}"'
        return JSONResponse(said, 401, {"www-authenticate": challenge})

    async def _resource(self, request: Request) -> Response:
        origin = _origin(request)
        return JSONResponse({"resource": f"{origin}/mcp", "authorization_servers": [origin]})

    async def _metadata(self, request: Request) -> Response:
        origin = _origin(request)
        return JSONResponse(
            {
                "issuer": self.issuer or origin,
                "authorization_endpoint": f"{origin}/authorize",
                "token_endpoint": f"{origin}/token",
                "registration_endpoint": f"{origin}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": list(self.scopes),
            }
        )

    async def _register(self, request: Request) -> Response:
        asked = await request.json()
        given = {"client_id": secrets.token_hex(8), "token_endpoint_auth_method": "none"}
        return JSONResponse({**asked, **given}, 201)

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if self.broken:
            return Response("Internal Server Error", 500, media_type="text/plain")
        scopes = asked.get("scope", "")
        if set(scopes.split()) <= set(self.scopes):
            code = secrets.token_hex(16)
            self.codes[code] = scopes
            answer = {"code": code}
        else:
            answer = {"error": "invalid_scope", "error_description": "Unknown scope"}
        query = urlencode({**answer, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}", 302)

    async def _token(self, request: Request) -> Response:
        if request.headers["content-type"] != "application/x-www-form-urlencoded":
            return _error("invalid_request", "Content-Type must be form-encoded")
        form = await request.form()
        if self.secret and form.get("client_secret") != self.secret:
            return _error("access_denied", "Unauthorized", 401)
        kept = self.codes if form.get("grant_type") == "authorization_code" else self.refresh
        credential = form.get("code" if kept is self.codes else "refresh_token")
        scopes = kept.pop(str(credential), None)
        if scopes is None:
            return _error("invalid_grant", "Unknown, expired or already used")
        return JSONResponse(self._issued(scopes), headers={"cache-control": "no-store"})

    def _issued(self, scopes: str) -> dict[str, Any]:
        access = secrets.token_hex(24)
        self.access[access] = time.monotonic() + self.seconds
        issued = {"access_token": access, "token_type": "bearer", "expires_in": self.seconds}
        if OFFLINE in scopes:
            refresh = secrets.token_hex(24)
            self.refresh[refresh] = scopes
            issued["refresh_token"] = refresh
        return {**issued, "scope": scopes}


class OAuthClient:
    """A client that knows where to go; it does what it is told, whether right or wrong."""

    def __init__(self, http: httpx.AsyncClient, origin: str) -> None:
        self.http = http
        self.origin = origin
        self.client_id = secrets.token_hex(8)
        self.verifier = secrets.token_urlsafe(48)

    async def discover(self) -> None:
        """Read the server's metadata."""
        await self.http.get(f"{self.origin}/.well-known/oauth-authorization-server")

    async def authorize(self, scope: str | None = f"read:notes {OFFLINE}") -> str | None:
        """Send the user to consent; gives the code that the browser comes back with, if any."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **({} if scope is None else {"scope": scope}),
        }
        answer = await self.http.get(f"{self.origin}/authorize", params=asked)
        query = urlsplit(answer.headers.get("location", "")).query
        return dict(parse_qsl(query)).get("code")

    async def exchange(self, code: str | None, **more: str) -> httpx.Response:
        """Exchange a code for tokens."""
        form = {"grant_type": "authorization_code", "code": code or "", "redirect_uri": CALLBACK}
        return await self.token(**form, code_verifier=self.verifier, **more)

    async def renew(self, refresh_token: str) -> httpx.Response:
        """Exchange a refresh token for new tokens."""
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    async def token(self, **form: str) -> httpx.Response:
        """Post a form to the token endpoint."""
        return await self.http.post(
            f"{self.origin}/token", data={**form, "client_id": self.client_id}
        )


def _origin(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _error(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
