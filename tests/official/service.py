"""The authorization of the service: its documents, its refusals, its tokens and their lives."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from made_up import MadeUp
from official.edge import ENDPOINT, ISSUER, MCP_CORS, Edge, Worker
from play import Json, Play
from visitor import PAGE, Refusal, Visitor
from wiretape.recorder.log.urls import origin, path

SCOPE = "read:jira-work write:jira-work offline_access"
LIFETIME = 3300

_SITE = origin(ENDPOINT)
_METADATA: Json = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{_SITE}/v1/authorize",
    "token_endpoint": f"{ISSUER}/v1/token",
    "registration_endpoint": f"{ISSUER}/v1/register",
    "response_types_supported": ["code"],
    "response_modes_supported": ["query"],
    "grant_types_supported": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
    "revocation_endpoint": f"{ISSUER}/v1/token",
    "code_challenge_methods_supported": ["plain", "S256"],
}
_OAUTH_CORS = {
    "access-control-allow-origin": PAGE,
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "Authorization, *",
}
_CHALLENGE = 'Bearer realm="OAuth", error="invalid_token"'
_MISSING = "Missing or invalid access token"


class Official:
    """Answers as `visitor.Service`, and knows which tokens are good."""

    endpoint = ENDPOINT
    authorize_url: str = _METADATA["authorization_endpoint"]
    token_url: str = _METADATA["token_endpoint"]
    register_url: str = _METADATA["registration_endpoint"]

    def __init__(self, play: Play) -> None:
        self.made = MadeUp("official")
        self.edge, self._worker = Edge(play, self.made), Worker(play, self.made)
        self.play = play
        self._grants: dict[str, str] = {}
        self._ends: dict[str, datetime] = {}
        self._refreshing: dict[str, set[str]] = {}

    def admits(self, token: str | None) -> bool:
        return token in self._ends and self.play.now < self._ends[token]

    def refuse(self, number: int, method: str, why: Refusal) -> None:
        described, challenge = "Invalid access token", _CHALLENGE
        if why == "no token":
            described, challenge = _MISSING, f'{_CHALLENGE}, error_description="{_MISSING}"'
        body = {"error": "invalid_token", "error_description": described}
        headers = {"www-authenticate": challenge}
        self.edge.answer(number, body, status=401, headers=headers)

    def document(self, number: int, url: str) -> None:
        if path(url) == "/.well-known/oauth-authorization-server":
            self.edge.answer(number, _METADATA)
        else:
            plain = {"content-type": "text/plain;charset=UTF-8"}
            self.edge.answer(number, text="Not Found", status=404, headers=plain)

    def document_to_page(self, number: int) -> None:
        """Answer a page of another origin in a browser."""
        self.edge.answer(number, _METADATA, headers=_OAUTH_CORS)

    def register(self, number: int, visitor: Visitor, asked: Json) -> None:
        visitor.client_id = self.made.alnum(16)
        issued = int(self.play.now.timestamp())
        body = {"client_id": visitor.client_id, **asked, "client_id_issued_at": issued}
        self._worker.answer(number, body, status=201)

    def authorize(self, number: int, visitor: Visitor) -> None:
        self.play.later(4)  # the user consents
        grant = f"{self.made.hex(24)}:{self.made.alnum(16)}"
        visitor.code = self._of(grant)
        self._grants[visitor.code] = grant
        query = f"code={visitor.code}&state={visitor.state}"
        headers = {"location": f"{visitor.redirect_uri}?{query}"}
        self.edge.answer(number, status=302, headers=headers)

    def tokens(self, number: int, visitor: Visitor, asked: Mapping[str, str]) -> None:
        """Give tokens for a code; or for the newest refresh token, or the one it came for."""
        given = asked.get("refresh_token") or asked["code"]
        grant = self._grants[given]
        if given not in self._refreshing.get(grant, {given}):
            body = {"error": "invalid_grant", "error_description": "Invalid refresh token"}
            self._worker.answer(number, body, status=400)
            return
        visitor.access, visitor.refresh_token = self._of(grant), self._of(grant)
        self._grants[visitor.refresh_token] = grant
        self._refreshing[grant] = {given, visitor.refresh_token}
        answer: Json = {
            "access_token": visitor.access,
            "token_type": "bearer",
            "expires_in": LIFETIME,
            "refresh_token": visitor.refresh_token,
            "scope": SCOPE,
        }
        self._worker.answer(number, answer)
        self._ends[visitor.access] = self.play.now + timedelta(seconds=LIFETIME)

    def permit(self, number: int, url: str) -> None:
        mcp = url.startswith(self.endpoint)
        host = self._worker if url.startswith(ISSUER) else self.edge
        host.answer(number, status=204, headers=MCP_CORS if mcp else _OAUTH_CORS)

    def _of(self, grant: str) -> str:
        return f"{grant}:{self.made.alnum(32)}"
