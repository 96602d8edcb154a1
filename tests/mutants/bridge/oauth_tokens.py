"""What clients are given, and what is taken from them."""

import json
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from starlette.responses import JSONResponse, Response

from bridge import token_endpoint
from bridge.discovery import Discovery
from bridge.errors import GrantOverError
from bridge.forms import OAuthError, form_of
from bridge.grants import Grant
from bridge.token_endpoint import TokenEndpoint
from bridge.tokens import BadTokenError, Tokens
from mutants.bridge.oauth_upstream import forgetful
from mutants.mistake import mistake, replace

type Told = dict[str, Any]


def _answered(
    owner: Any, name: str, alter: Callable[[Told], object], status: Callable[[int], int] = int
) -> None:
    """Alter what an endpoint tells, which then lacks headers, and with which status."""
    answer = getattr(owner, name)

    async def careless(self: Any, request: Any) -> Response:
        given: Response = await answer(self, request)
        told = json.loads(bytes(given.body) or b"{}")
        alter(told)
        headers = {key: value for key, value in given.headers.items() if key != "content-length"}
        return JSONResponse(told, status(given.status_code), headers)

    replace(owner, name, careless)


def _renamed(error: str, other: str) -> Callable[[Told], object]:
    return lambda told: told.update(error=other) if told.get("error") == error else None


@mistake(fails="token.no-store")
def tokens_may_be_cached() -> None:
    """The token endpoint says nothing of caches."""
    replace(token_endpoint, "UNSTORED", {})


@mistake(fails="token.type")
def tokens_have_no_type() -> None:
    """The token endpoint does not say of which type tokens are."""
    _answered(TokenEndpoint, "token", lambda told: told.pop("token_type", None))


@mistake(fails="token.expires-in", also=("expiry.margin", "bearer.expired"))
def the_lifetime_is_a_text() -> None:
    """expires_in is no number."""

    def alter(told: Told) -> None:
        if "expires_in" in told:
            told["expires_in"] = f"{told['expires_in']} seconds"

    _answered(TokenEndpoint, "token", alter)


@mistake(fails="token.grant-type")
def unknown_grant_types_have_no_error_of_their_own() -> None:
    """An unknown grant type is refused with invalid_request."""
    _answered(TokenEndpoint, "token", _renamed("unsupported_grant_type", "invalid_request"))


@mistake(fails="token.unknown-client", also=("registration.secret",))
def unknown_clients_have_no_error_of_their_own() -> None:
    """An unknown client is refused with access_denied."""
    _answered(TokenEndpoint, "token", _renamed("invalid_client", "access_denied"))


@mistake(fails="token.unknown-token")
def unknown_refresh_tokens_are_bad_requests() -> None:
    """A refresh token that is none is refused with invalid_request."""
    refreshed = TokenEndpoint._refreshed

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Grant:
        try:
            return await refreshed(self, form, client)
        except BadTokenError as error:
            raise OAuthError("invalid_request", "not a refresh token") from error

    replace(TokenEndpoint, "_refreshed", careless)


@mistake(fails="token.json-errors", also=("token.unknown-client", "registration.secret"))
def unknown_clients_get_a_text() -> None:
    """That a client is not known is said in words."""
    token = TokenEndpoint.token

    async def careless(self: TokenEndpoint, request: Any) -> Response:
        answer = await token(self, request)
        return Response("who are you?", 401) if answer.status_code == 401 else answer

    replace(TokenEndpoint, "token", careless)


@mistake(fails="registration.answer")
def registration_is_answered_200() -> None:
    """A registration is a success like any other."""
    status = {201: 200}
    _answered(Discovery, "register", lambda _: None, lambda code: status.get(code, code))


@mistake(fails="registration.refused")
def registration_is_refused_in_detail() -> None:
    """A registration that makes no sense is refused as the framework does it."""

    def alter(told: Told) -> None:
        if "error" in told:
            told["detail"] = told.pop("error")

    _answered(Discovery, "register", alter)


@mistake(fails="registration.secret")
def secrets_are_not_compared() -> None:
    """A client that has a secret may show any."""

    class Careless:
        @staticmethod
        def compare_digest(one: Any, other: Any) -> bool:
            return isinstance(one, bytes) or bool(one == other)

    replace(token_endpoint, "hmac", Careless)


@mistake(fails="registration.kept", also=("refresh.kept", "upstream.registration-kept"))
def clients_are_not_kept() -> None:
    """Clients are registered in memory only."""
    forgetful("client")


@mistake(fails="revocation.refresh-token", also=("revocation.access-token",))
def nothing_is_revoked() -> None:
    """Revocation is answered, and that is all."""

    async def careless(*_: Any) -> Response:
        return Response()

    replace(TokenEndpoint, "revoke", careless)


@mistake(fails="revocation.access-token")
def access_tokens_outlive_their_grant() -> None:
    """Revocation ends the refresh token only."""
    revoked: set[str] = set()

    async def careless(self: TokenEndpoint, request: Any) -> Response:
        token = (await form_of(request)).get("token", "")
        with suppress(BadTokenError):
            revoked.add(self._tokens.refresh_of(token).grant)
        return Response()

    refreshed = TokenEndpoint._refreshed

    async def refusing(self: TokenEndpoint, form: Any, client: Any) -> Grant:
        if self._tokens.refresh_of(form["refresh_token"]).grant in revoked:
            raise GrantOverError
        return await refreshed(self, form, client)

    replace(TokenEndpoint, "revoke", careless)
    replace(TokenEndpoint, "_refreshed", refusing)


@mistake(fails="revocation.unknown-token")
def unknown_tokens_cannot_be_revoked() -> None:
    """To revoke what is no token is an error."""
    named, revoke = Tokens.named, TokenEndpoint.revoke
    unknown: ContextVar[list[bool]] = ContextVar("unknown")

    def noting(self: Tokens, token: str, base: str) -> str | None:
        grant = named(self, token, base)
        unknown.get().append(grant is None)
        return grant

    async def careless(self: TokenEndpoint, request: Any) -> Response:
        unknown.set([])
        answer = await revoke(self, request)
        wrong = True in unknown.get()
        return OAuthError("invalid_request", "unknown token").reply if wrong else answer

    replace(Tokens, "named", noting)
    replace(TokenEndpoint, "revoke", careless)
