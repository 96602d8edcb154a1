"""Secrets where they do not belong."""

import json
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from starlette.responses import JSONResponse, Response

from bridge import endpoint, token_endpoint
from bridge.endpoint import Endpoint
from bridge.grants import Grant
from bridge.token_endpoint import TokenEndpoint
from bridge.tokens import Tokens
from bridge.upstream_mcp import GrantAuth
from bridge.web import log
from mutants.mistake import mistake, replace


@mistake(fails="leak.readable")
def tokens_are_signed_only() -> None:
    """The client's token is a signed JWT, in which the service's can be read."""
    sys.argv.append("--signed-jwt")


@mistake(fails="leak.answers")
def the_services_token_is_told() -> None:
    """The token endpoint gives the service's token besides."""
    access, token = Tokens.access, TokenEndpoint.token
    granted: ContextVar[list[str]] = ContextVar("granted")

    def noting(self: Tokens, grant: Grant, base: str) -> tuple[str, int]:
        granted.get().append(grant.access)
        return access(self, grant, base)

    async def careless(self: TokenEndpoint, request: Any) -> Response:
        granted.set([])
        answer = await token(self, request)
        if answer.status_code != 200:
            return answer
        told = json.loads(bytes(answer.body)) | {"atlassian_access_token": granted.get()[0]}
        return JSONResponse(told, headers=token_endpoint.UNSTORED)

    replace(Tokens, "access", noting)
    replace(TokenEndpoint, "token", careless)


def _sending(alter: Callable[[Any], object], first: Callable[[Any], bool]) -> None:
    """Alter requests to the service, which have their token; send some of them before, as well."""
    flow = GrantAuth.async_auth_flow

    async def careless(self: GrantAuth, request: Any) -> Any:
        if first(request):
            yield request
        flowing = flow(self, request)
        sent = await anext(flowing)
        alter(sent)
        while True:
            response = yield sent
            try:
                sent = await flowing.asend(response)
            except StopAsyncIteration:
                return

    replace(GrantAuth, "async_auth_flow", careless)


@mistake(fails="leak.urls")
def the_token_is_in_the_query() -> None:
    """Calls to the service have their token in the URL, too."""

    def alter(request: Any) -> None:
        token = request.headers["authorization"].partition(" ")[2]
        request.url = request.url.copy_merge_params({"access_token": token})

    _sending(alter, lambda _: False)


@mistake(fails="leak.passed-on", also=("refresh.wrapped-anew", "users.tokens"))
def the_clients_token_is_tried_first() -> None:
    """Calls go upstream with the client's token, and with the right one if that is refused."""
    admitted = Endpoint._admitted
    shown: ContextVar[str] = ContextVar("shown", default="")

    def noting(self: Endpoint, request: Any) -> str:
        shown.set(request.headers.get("authorization", ""))
        return admitted(self, request)

    def first(request: Any) -> bool:
        request.headers["authorization"] = shown.get()
        return bool(shown.get())

    replace(Endpoint, "_admitted", noting)
    _sending(lambda _: None, first)


@mistake(fails="leak.errors")
def errors_tell_the_token() -> None:
    """A token that is refused is repeated in the error."""
    challenge = endpoint._challenge

    def careless(request: Any) -> Response:
        answer = challenge(request)
        told = json.loads(bytes(answer.body)) | {"token": request.headers.get("authorization")}
        headers = {"www-authenticate": answer.headers["www-authenticate"]}
        return JSONResponse(told, answer.status_code, headers)

    replace(endpoint, "_challenge", careless)


@mistake(fails="leak.log")
def forms_are_logged() -> None:
    """The log has what clients send to the token endpoint."""
    exchanged = TokenEndpoint._exchanged

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Grant:
        log.info("exchange of %s", form)
        return await exchanged(self, form, client)

    replace(TokenEndpoint, "_exchanged", careless)
