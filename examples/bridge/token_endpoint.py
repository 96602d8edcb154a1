"""The token endpoint and that of revocation (RFC 6749, 4.1.3 and 6; RFC 7009)."""

import hmac
import re
import time
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.errors import GrantOverError, UpstreamError
from bridge.forms import UNSTORED, OAuthError, form_of
from bridge.grants import Grant, Grants
from bridge.origins import base_of
from bridge.store import Store
from bridge.tokens import MARGIN, BadTokenError, Tokens

_REMEMBERED = 600
"""For how many seconds it is known that a code was used."""

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, 4.1

type Form = Mapping[str, str]


class TokenEndpoint:
    """Issues and revokes the tokens of clients."""

    def __init__(self, store: Store, grants: Grants, tokens: Tokens) -> None:
        self._store = store
        self._grants = grants
        self._tokens = tokens

    async def token(self, request: Request) -> Response:
        """Issue tokens (RFC 6749, 4.1.3 and 6)."""
        try:
            form = await form_of(request)
            client = self._client(request, form)
            match form.get("grant_type"):
                case "authorization_code":
                    grant = await self._exchanged(form, client)
                case "refresh_token":
                    grant = await self._refreshed(form, client)
                case _:
                    return OAuthError("unsupported_grant_type", "unknown grant_type").reply
        except OAuthError as error:
            return error.reply
        except (BadTokenError, GrantOverError):
            return OAuthError("invalid_grant", "the user has to authorize again").reply
        except UpstreamError as error:
            status = 429 if error.status == 429 else 503
            answer = OAuthError("temporarily_unavailable", str(error), status).reply
            answer.headers.update(error.headers)
            return answer
        access, lifetime = self._tokens.access(grant, base_of(request))
        issued = {"access_token": access, "token_type": "Bearer", "expires_in": lifetime}
        refresh = self._tokens.refresh(grant)
        issued |= {} if refresh is None else {"refresh_token": refresh}
        return JSONResponse(issued | {"scope": grant.scope}, headers=UNSTORED)

    async def revoke(self, request: Request) -> Response:
        """Revoke a grant by one of its tokens (RFC 7009); an unknown token is none to revoke."""
        try:
            form = await form_of(request)
            client = self._client(request, form)
        except OAuthError as error:
            return error.reply
        grant_id = self._tokens.named(form.get("token", ""), base_of(request))
        with suppress(GrantOverError):
            if (
                grant_id is not None
                and self._grants.find(grant_id).client_id == client["client_id"]
            ):
                await self._grants.revoke(grant_id)
        return Response(headers=UNSTORED)

    def _client(self, request: Request, form: Form) -> dict[str, Any]:
        """Find out which client asks, by the way it registered (RFC 6749, 2.3)."""
        client_id, secret, method = form.get("client_id", ""), form.get("client_secret"), "none"
        if secret is not None:
            method = "client_secret_post"
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            method = "client_secret_basic"
            client_id, secret = _basic(said)
        client: dict[str, Any] | None = self._store.get("client", client_id)
        if client is None or client["token_endpoint_auth_method"] != method:
            raise OAuthError("invalid_client", "the client is not known, or not so", 401)
        shown = (secret or "").encode()
        if not hmac.compare_digest(client.get("client_secret", "").encode(), shown):
            raise OAuthError("invalid_client", "the client is not known, or not so", 401)
        return client

    async def _exchanged(self, form: Form, client: dict[str, Any]) -> Grant:
        """Exchange a code: it works once, whatever comes of it (RFC 6749, 4.1.2)."""
        code = form.get("code", "")
        issued = self._store.take("code", code)
        if issued is None:
            await self._twice(code)
            raise OAuthError("invalid_grant", "the code is not known, used or expired")
        self._store.put("used", code, issued, time.time() + _REMEMBERED)
        if issued["client_id"] != client["client_id"]:
            raise OAuthError("invalid_grant", "the code is another client's")
        if form.get("redirect_uri") != issued["redirect_uri"]:
            raise OAuthError("invalid_grant", "redirect_uri is not that of the authorization")
        verifier = form.get("code_verifier", "")
        challenge = create_s256_code_challenge(verifier) if _VERIFIER.fullmatch(verifier) else ""
        if not hmac.compare_digest(challenge, issued["challenge"]):
            raise OAuthError("invalid_grant", "code_verifier is not that of the challenge")
        return self._grants.find(issued["grant"])

    async def _twice(self, code: str) -> None:
        """Revoke what was issued for a code that comes twice: somebody has stolen it."""
        used = self._store.take("used", code)
        if used is not None:
            await self._grants.revoke(used["grant"])

    async def _refreshed(self, form: Form, client: dict[str, Any]) -> Grant:
        """Refresh: the upstream's tokens are new, too.

        The last refresh token but one still works until the last is used, lest a client be locked
        out whose answer got lost, or that asks twice at once. An older one was stolen
        (RFC 9700, 4.14.2).
        """
        token = self._tokens.refresh_of(form.get("refresh_token", ""))
        grant = self._grants.find(token.grant)
        if grant.client_id != client["client_id"]:
            raise OAuthError("invalid_grant", "the refresh token is another client's")
        if not {*form.get("scope", "").split()} <= {*grant.scope.split()}:
            raise OAuthError("invalid_scope", "the scope is more than was granted")
        behind = grant.generation - token.generation
        if behind not in {0, 1}:
            await self._grants.revoke(grant.id)
            raise OAuthError("invalid_grant", "the refresh token was used before")
        if behind == 1 and grant.ends - time.time() > MARGIN:
            return grant
        return await self._grants.renewed(grant.id, grant.access, spends=token.generation)


def _basic(said: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(said).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)
