"""The gateway as an OAuth client: what it sends to a server's authorization server.

By RFC 6749 and RFC 7636, and as Atlassian's OAuth 2.0 (3LO) wants it: with the client's secret, and
with what says which site the user has let the gateway at.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gateway.errors import LATER, ReconnectError, ServiceError, TokenError, said
from gateway.settings import Server

_MARGIN = 60
_PATIENCE = 120
"""Seconds that a refresh may take: its answer holds the only refresh token that still works."""

_LIFETIME = 3600
"""In seconds, where a token's is not told (RFC 6749, 5.1, recommends that it is)."""

_OVER = {"invalid_grant", "unauthorized_client"}
"""How a refresh token is refused: by RFC 6749, 5.2, and in Atlassian's way."""

log = logging.getLogger("gateway")


@dataclass(frozen=True)
class Tokens:
    """A user's tokens; `renew_at` is when to refresh them, in seconds since 1970."""

    access: str
    refresh: str | None
    renew_at: float


class Site(BaseModel):
    """Where a user's calls go: the id for the header, and an address for people."""

    id: Annotated[str, Field(min_length=1)]
    url: str | None = None


class _Issued(BaseModel):
    """What a token endpoint answers (RFC 6749, 5.1)."""

    access_token: str
    refresh_token: str | None = None
    expires_in: Annotated[float, Field(ge=0, allow_inf_nan=False)] = _LIFETIME


class _Refused(BaseModel):
    """How a token endpoint refuses (RFC 6749, 5.2)."""

    error: Annotated[str, Field(pattern=r"^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$")]


_SITES = TypeAdapter(list[Site])


class UpstreamOAuth:
    """Obtains, refreshes and revokes users' tokens; all but refreshing within `timeout`."""

    def __init__(self, http: httpx2.AsyncClient, timeout: float) -> None:
        self._http = http
        self._timeout = timeout

    def authorize_url(self, server: Server, state: str, verifier: str) -> str:
        """Give the URL to send a user to."""
        asked = {
            "response_type": "code",
            "client_id": server.oauth_config.client_id,
            "redirect_uri": server.oauth_config.redirect_uri,
            "scope": self.scope(server),
            "state": state,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **self.wanted_by(server),
        }
        url = server.oauth_config.authorize_url
        return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(asked)}"

    def scope(self, server: Server) -> str:
        """Give what is asked for; without `offline_access` nothing could be refreshed."""
        return " ".join(dict.fromkeys([*server.oauth_config.scopes.split(), "offline_access"]))

    def wanted_by(self, server: Server) -> dict[str, str]:
        """Give what else the authorization server of this provider wants to be told."""
        if server.oauth_config.provider != "atlassian":
            return {}
        return {"audience": "api.atlassian.com", "prompt": "consent"}

    def client(self, server: Server) -> dict[str, str]:
        """Give the client's authentication (RFC 6749, 2.3.1)."""
        secret = server.oauth_config.client_secret.get_secret_value()
        return {"client_id": server.oauth_config.client_id, "client_secret": secret}

    async def exchange(self, server: Server, code: str, verifier: str) -> Tokens:
        """Exchange a code for tokens. Raises ServiceError."""
        uri = server.oauth_config.redirect_uri
        form = {"code": code, "redirect_uri": uri, "code_verifier": verifier}
        return await self._tokens(server, self._timeout, grant_type="authorization_code", **form)

    async def refresh(self, server: Server, tokens: Tokens) -> Tokens:
        """Refresh. Raises ReconnectError if it will never work again, ServiceError if it may."""
        if tokens.refresh is None:
            raise ReconnectError
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        try:
            fresh = await self._tokens(server, _PATIENCE, **form)
        except TokenError as error:
            if self.is_over(error):
                raise ReconnectError from error
            raise
        # RFC 6749, 6: a new refresh token replaces the old one.
        return Tokens(fresh.access, fresh.refresh or tokens.refresh, fresh.renew_at)

    def is_over(self, error: TokenError) -> bool:
        """Tell a refusal of the user's grant, which is for good, from others."""
        return error.error in _OVER

    async def revoke(self, server: Server, tokens: Tokens) -> None:
        """Revoke a grant (RFC 7009), if that can be done, and the server answers."""
        url = server.oauth_config.revocation_url
        if url is None:
            return
        form = {"token": tokens.refresh or tokens.access} | self.client(server)
        try:
            request = self._http.build_request("POST", url, data=form)
            answer = await self._sent(request, self._timeout)
            if answer.status_code != 200:
                log.warning("a grant was not revoked: answered %s", answer.status_code)
        except ServiceError as error:
            log.warning("a grant was not revoked: %s", error)

    async def site(self, server: Server, access: str) -> Site | None:
        """Find the site that a user has let the gateway at: the configured one, or the only one.

        A service without sites has none. Raises ServiceError if it cannot be told which it is.
        """
        if server.resources_url is None:
            return None if server.cloud_id is None else Site(id=server.cloud_id)
        bearer = {"authorization": f"Bearer {access}"}
        request = self._http.build_request("GET", server.resources_url, headers=bearer)
        answer = await self._sent(request, self._timeout)
        if answer.status_code != 200:
            raise ServiceError("refused", f"the list of sites: answered {answer.status_code}")
        try:
            listed = _SITES.validate_json(answer.content)
        except ValidationError as error:
            raise ServiceError("failed", "the list of sites is none") from error
        if server.cloud_id is not None:
            listed = [site for site in listed if site.id == server.cloud_id]
        if len(listed) > 1:
            raise ServiceError("several_sites", "the user has several sites: configure a cloud_id")
        if not listed:
            raise ServiceError("no_site", "the user has let the gateway at no site of this service")
        return listed[0]

    async def _tokens(self, server: Server, seconds: float, **form: str) -> Tokens:
        url = server.oauth_config.token_url
        request = self._http.build_request("POST", url, data=form | self.client(server))
        answer = await self._sent(request, seconds)
        if answer.status_code != 200:
            raise _refused(answer)
        try:
            told = _Issued.model_validate_json(answer.content)
        except ValidationError as error:
            raise ServiceError(
                "failed", "the token endpoint answered 200 without tokens"
            ) from error
        soon = max(told.expires_in - _MARGIN, told.expires_in / 2)
        return Tokens(told.access_token, told.refresh_token, time.time() + soon)

    async def _sent(self, request: httpx2.Request, seconds: float) -> httpx2.Response:
        """Send a request; raises ServiceError, by name, if there is no answer to go on with."""
        where = request.url.host + request.url.path
        try:
            async with asyncio.timeout(seconds):
                answer = await self._http.send(request)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise ServiceError("timeout", f"{where} did not answer in time", 504) from error
        except httpx2.HTTPError as error:
            raise ServiceError(
                "unreachable", f"{where} cannot be reached: {said(error)}"
            ) from error
        if answer.status_code in LATER:  # it is the gateway that asks too often, and not the user
            pause = answer.headers.get("retry-after")
            raise ServiceError("busy", f"{where} answered {answer.status_code}", 503, pause)
        if answer.status_code >= 500:
            raise ServiceError("failed", f"{where} answered {answer.status_code}")
        return answer


def _refused(answer: httpx2.Response) -> TokenError:
    try:
        error = _Refused.model_validate_json(answer.content).error
    except ValidationError:
        error = "no error by name"
    return TokenError(answer.status_code, error)
