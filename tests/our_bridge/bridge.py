"""The bridge as an authorization server."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

import msgspec
from msgspec import Raw

from made_up import MadeUp
from our_bridge.upstream import BRIDGE, LIFETIME, SCOPE, Upstream
from play import Json, Play, failure
from visitor import Refusal, Visitor
from wiretape.recorder.log.urls import path

_CHALLENGE = 'Bearer realm="OAuth", error="invalid_token"'


class Bridge:
    """Answers as `visitor.Service`, and knows which tokens are good."""

    endpoint = f"{BRIDGE}/mcp"
    authorize_url = f"{BRIDGE}/authorize"
    token_url = f"{BRIDGE}/access-token"
    register_url = f"{BRIDGE}/register"

    def __init__(self, play: Play, *, mended: bool) -> None:
        self.play, self.made, self.mended = play, MadeUp("bridge"), mended
        self.lifetime = LIFETIME - 60 if mended else 30
        self.scope = f"{SCOPE} offline_access" if mended else SCOPE
        self._upstreams: dict[str, Upstream] = {}
        self._ends: dict[str, datetime] = {}

    def answer(
        self,
        number: int,
        json: Json = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer in a few milliseconds, as Express does."""
        self.play.later(self.made.milliseconds(2, 30) / 1000)
        body = None if json is None else msgspec.json.encode(json)
        said = {
            "x-powered-by": "Express",
            "access-control-allow-origin": "*",
            "date": format_datetime(self.play.now + timedelta(seconds=1), usegmt=True),
            "content-length": str(len(body or b"")),
        }
        if body is not None:
            said["content-type"] = "application/json; charset=utf-8"
        if self.mended:
            said["access-control-expose-headers"] = "mcp-session-id"
        raw = None if body is None else Raw(body)
        self.play.answer(number, raw, status=status, headers=said | dict(headers or {}))

    def refuse(self, number: int, method: str, why: Refusal) -> None:
        described, challenge = "Invalid access token", _CHALLENGE
        if why == "no token":
            described = "Missing or invalid access token"
            challenge = f'{_CHALLENGE}, error_description="{described}"'
        body: Json = {"error": "invalid_token", "error_description": described}
        if not self.mended:
            body = None if method == "GET" else failure(None, -32001, described)
        self.answer(number, body, 401, {"www-authenticate": challenge})

    def document(self, number: int, url: str) -> None:
        match path(url).split("/")[2:]:
            case ["oauth-protected-resource", *_]:
                document = {"resource": self.endpoint, "authorization_servers": [BRIDGE]}
                self.answer(number, document | {"scopes_supported": self.scope.split()})
            case ["oauth-authorization-server"]:
                self.answer(number, self._metadata())
            case _:
                self.answer(number, {"error": "not_found"}, 404)

    def register(self, number: int, visitor: Visitor, asked: Json) -> None:
        visitor.client_id = self.made.uuid()
        self.answer(number, {"client_id": visitor.client_id, **asked}, 201)

    def authorize(self, number: int, visitor: Visitor) -> None:
        """Send the user upstream, or, if that happened before, refresh the upstream's token."""
        upstream = self._upstreams.get(visitor.client_id)
        visitor.code, answer = self.made.hex(32), {"state": visitor.state}
        if upstream is None:
            upstream = Upstream(self.play, self.made, mended=self.mended)
            self._upstreams[visitor.client_id] = upstream
            number = upstream.authorize(number, visitor)
        elif not upstream.refresh():
            visitor.code = None
            answer["error"] = "server_error"
        if visitor.code is not None:
            answer["code"] = visitor.code
        location = f"{visitor.redirect_uri}?{urlencode(answer)}"
        self.answer(number, status=302, headers={"location": location})

    def tokens(self, number: int, visitor: Visitor, asked: Mapping[str, str]) -> None:
        """Wrap the upstream's token, refreshed if that is asked for."""
        upstream = self._upstreams[visitor.client_id]
        if asked["grant_type"] == "refresh_token":
            assert upstream.refresh()
        now = int(self.play.now.timestamp())
        claims = {
            "iss": BRIDGE,
            "aud": self.endpoint,
            "sub": "made-up-user",
            "jti": self.made.uuid(),
            "iat": now,
            "exp": now + self.lifetime,
            "atlassian_access_token": upstream.access,
        }
        visitor.access = self.made.jwt(claims)
        body: Json = {
            "access_token": visitor.access,
            "token_type": "bearer",
            "expires_in": self.lifetime,
            "scope": self.scope,
        }
        if self.mended:
            visitor.refresh_token = self.made.hex(64)
            body["refresh_token"] = visitor.refresh_token
        self.answer(number, body)
        self._ends[visitor.access] = self.play.now + timedelta(seconds=self.lifetime)

    def permit(self, number: int, url: str) -> None:
        headers = {
            "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
            "access-control-allow-headers": "authorization,content-type,mcp-session-id",
            "vary": "Access-Control-Request-Headers",
        }
        if self.mended:
            headers = {
                "access-control-allow-methods": "GET, POST, OPTIONS",
                "access-control-allow-headers": "Content-Type, mcp-session-id, Authorization",
                "access-control-max-age": "86400",
            }
        self.answer(number, status=204, headers=headers)

    def admits(self, token: str | None) -> bool:
        return token in self._ends and self.play.now < self._ends[token]

    def _metadata(self) -> Json:
        return {
            "issuer": BRIDGE,
            "authorization_endpoint": self.authorize_url,
            "token_endpoint": self.token_url,
            "registration_endpoint": self.register_url,
            "scopes_supported": self.scope.split(),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"][: 1 + self.mended],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
        }
