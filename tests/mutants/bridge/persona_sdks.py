"""What real SDKs stumble over, which take less than the specification lets them."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.discovery import Discovery
from bridge.endpoint import Endpoint
from bridge.errors import GrantOverError
from bridge.forms import UNSTORED, OAuthError
from bridge.sessions import Session, Sessions
from bridge.token_endpoint import TokenEndpoint
from mutants.bridge import persona_vscode
from mutants.mistake import mistake, replace


@mistake(fails="persona.mcp-2.connects", also=("discovery.issuer", "authorization.issuer"))
def the_issuer_is_somewhere_else() -> None:
    """The metadata names another issuer than that where it is found; mcp 2 refuses it."""
    metadata = Discovery.metadata

    async def careless(self: Discovery, request: Request) -> Response:
        said = json.loads((await metadata(self, request)).body)
        return JSONResponse(said | {"issuer": "https://issuer.example"})

    replace(Discovery, "metadata", careless)


_REFRESHING = (
    "code.reuse-revokes",
    "refresh.*",
    "revocation.refresh-token",
    "token.unknown-client",
    "token.unknown-token",
)
"""Checks for which a refresh has to work first."""


def _altering_refreshes(alter: Callable[[Response], Response]) -> None:
    """Answer a refresh that is fine otherwise."""
    token, refreshed = TokenEndpoint.token, TokenEndpoint._refreshed
    renewed = ContextVar("renewed", default=False)

    async def noted(self: TokenEndpoint, form: Any, client: Any) -> Any:
        grant = await refreshed(self, form, client)
        renewed.set(True)
        return grant

    async def careless(self: TokenEndpoint, request: Request) -> Response:
        answer = await token(self, request)
        return alter(answer) if renewed.get() else answer

    replace(TokenEndpoint, "_refreshed", noted)
    replace(TokenEndpoint, "token", careless)


@mistake(fails="persona.mcp-2.refreshes", also=_REFRESHING)
def a_refresh_is_answered_201() -> None:
    """New tokens are answered 201, which to mcp is no success."""

    def alter(answer: Response) -> Response:
        answer.status_code = 201
        return answer

    _altering_refreshes(alter)


@mistake(fails="persona.mcp-2.comes-back", also=("session.ended", "session.ended-upstream"))
def a_grant_ends_with_its_session() -> None:
    """When a client ends a session its grant is over: next time the user is asked again."""
    delete = Endpoint._delete

    async def careless(self: Endpoint, request: Request, grant_id: str) -> Response:
        answer = await delete(self, request, grant_id)
        await self._grants.revoke(grant_id)
        return answer

    replace(Endpoint, "_delete", careless)


@mistake(fails="persona.mcp-2.re-authorizes", also=("persona.vscode.re-authorizes", "refresh.*"))
def a_client_is_gone_with_its_grant() -> None:
    """As `a-client-dies-with-its-grant`: mcp does not register again, either."""
    persona_vscode.a_client_dies_with_its_grant.make()


@mistake(fails="persona.mcp-1.connects")
def the_newest_revision_is_spoken() -> None:
    """Clients are told a revision of MCP that they did not offer; mcp 1 does not know it."""
    begin = Sessions.begin

    async def careless(
        self: Sessions, grant_id: str, message: dict[str, Any]
    ) -> tuple[dict[str, Any], Session | None]:
        answer, session = await begin(self, grant_id, message)
        if session is not None:
            session.version = answer["result"]["protocolVersion"] = "2026-07-28"
        return answer, session

    replace(Sessions, "begin", careless)


@mistake(fails="persona.typescript.connects", also=("registration.*",))
def a_registration_is_answered_briefly() -> None:
    """A registration is answered with the client's id only; the SDK wants its redirect URIs."""
    register = Discovery.register

    async def careless(self: Discovery, request: Request) -> Response:
        answer = await register(self, request)
        if answer.status_code != 201:
            return answer
        return JSONResponse({"client_id": json.loads(answer.body)["client_id"]}, 201)

    replace(Discovery, "register", careless)


@mistake(fails="persona.mcp-1.refreshes", also=_REFRESHING)
def a_refresh_is_answered_202() -> None:
    """New tokens are answered 202, which to mcp is no success."""

    def alter(answer: Response) -> Response:
        answer.status_code = 202
        return answer

    _altering_refreshes(alter)


@mistake(fails="persona.mcp-1.comes-back", also=("session.ended", "session.ended-upstream"))
def a_client_leaves_for_good() -> None:
    """As `a-grant-ends-with-its-session`: mcp 1 ends its sessions, too."""
    a_grant_ends_with_its_session.make()


@mistake(fails="persona.mcp-1.re-authorizes", also=("persona.vscode.re-authorizes", "refresh.*"))
def a_client_is_gone_for_good() -> None:
    """As `a-client-is-gone-with-its-grant`: nor does mcp 1 register again."""
    persona_vscode.a_client_dies_with_its_grant.make()


@mistake(
    fails="persona.typescript.refreshes",
    also=("persona.vscode.refreshes", "refresh.*", "token.type"),
)
def a_refreshed_token_has_no_type() -> None:
    """The answer to a refresh lacks `token_type`, which the TypeScript SDK wants each time."""

    def alter(answer: Response) -> Response:
        said = json.loads(answer.body)
        del said["token_type"]
        return JSONResponse(said, headers=UNSTORED)

    _altering_refreshes(alter)


@mistake(
    fails="persona.typescript.comes-back",
    also=(
        "aside.*",
        "passing.odd-stream",
        "persona.vscode.survives-session-loss",
        "session.*",
        "trouble.recovers",
    ),
)
def a_grant_is_good_for_one_session() -> None:
    """Who has begun a session begins no other, as those who do not end theirs would."""
    begin = Sessions.begin

    async def careless(
        self: Sessions, grant_id: str, message: dict[str, Any]
    ) -> tuple[dict[str, Any], Session | None]:
        if any(session.grant_id == grant_id for session in self._kept.values()):
            raise GrantOverError
        return await begin(self, grant_id, message)

    replace(Sessions, "begin", careless)


@mistake(
    fails="persona.typescript.re-authorizes", also=("refresh.refused", "revocation.refresh-token")
)
def an_old_grant_is_an_invalid_request() -> None:
    """A refresh for a grant that is over is answered `invalid_request`: the SDK gives up."""
    refreshed = TokenEndpoint._refreshed

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Any:
        try:
            return await refreshed(self, form, client)
        except GrantOverError as error:
            raise OAuthError("invalid_request", "the grant is over") from error

    replace(TokenEndpoint, "_refreshed", careless)
