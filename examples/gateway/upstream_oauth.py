"""The gateway as an OAuth client: what it sends to a server's authorization server.

By RFC 6749 and RFC 7636, and as Atlassian's OAuth 2.0 (3LO) wants it: with the client's secret, and
with what says which site the user has let the gateway at.
"""

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gateway.errors import ReconnectError, ServiceError
from gateway.settings import Server

_MARGIN = 60
_PATIENCE = 120
"""Seconds that a refresh may take: its answer holds the only refresh token that still works."""

_LIFETIME = 3600
"""In seconds, where a token's is not told (RFC 6749, 5.1, recommends that it is)."""

_OVER = {"invalid_grant", "unauthorized_client"}
"""How a refresh token is refused: by RFC 6749, 5.2, and in Atlassian's way."""

_ERROR = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}")  # RFC 6749, 5.2

log = logging.getLogger("gateway")


@dataclass(frozen=True)
class Tokens:
    """A user's tokens; `renew_at` is when to refresh them, in seconds since 1970."""

    access: str
    refresh: str | None
    renew_at: float


@dataclass(frozen=True)
class Site:
    """Where a user's calls go: the id for the header, and an address for people."""

    cloud_id: str | None
    url: str | None


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
        fresh = await self._tokens(server, _PATIENCE, **form)
        # RFC 6749, 6: a new refresh token replaces the old one.
        return Tokens(fresh.access, fresh.refresh or tokens.refresh, fresh.renew_at)

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

    async def site(self, server: Server, access: str) -> Site:
        """Find the site that a user has let the gateway at: the configured one, or the only one.

        Raises ServiceError if that is none, or if it cannot be told which.
        """
        if server.resources_url is None:
            return Site(server.cloud_id, None)
        bearer = {"authorization": f"Bearer {access}"}
        request = self._http.build_request("GET", server.resources_url, headers=bearer)
        answer = await self._sent(request, self._timeout)
        if answer.status_code != 200:
            raise ServiceError("refused", f"the list of sites: answered {answer.status_code}")
        listed = [each for each in _json(answer, list) if isinstance(each, dict) and "id" in each]
        sites = {str(each["id"]): each.get("url") for each in listed}
        cloud_id = server.cloud_id or next(iter(sites), None)
        if cloud_id not in sites:
            raise ServiceError("no_site", "the user has let the gateway at no site of this service")
        if server.cloud_id is None and len(sites) > 1:
            raise ServiceError("several_sites", "the user has several sites: configure a cloud_id")
        return Site(cloud_id, sites[cloud_id])

    async def _tokens(self, server: Server, seconds: float, **form: str) -> Tokens:
        url = server.oauth_config.token_url
        request = self._http.build_request("POST", url, data=form | self.client(server))
        answer = await self._sent(request, seconds)
        told = _json(answer, dict)
        if answer.status_code != 200 or not isinstance(told.get("access_token"), str):
            raise _refused(answer.status_code, told.get("error"))
        lifetime = float(told.get("expires_in") or _LIFETIME)
        soon = max(lifetime - _MARGIN, lifetime / 2)
        return Tokens(told["access_token"], told.get("refresh_token"), time.time() + soon)

    async def _sent(self, request: httpx2.Request, seconds: float) -> httpx2.Response:
        """Send a request; raises ServiceError, by name, if there is no answer to go on with."""
        where = request.url.host + request.url.path
        try:
            async with asyncio.timeout(seconds):
                answer = await self._http.send(request)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise ServiceError("timeout", f"{where} did not answer in time", 504) from error
        except httpx2.HTTPError as error:
            raise ServiceError("unreachable", f"{where} cannot be reached: {error}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise ServiceError("failed", f"{where} answered {answer.status_code}")
        return answer


def _refused(status: int, error: object) -> Exception:
    """Tell a refusal that is for good, of the user's grant, from others."""
    named = error if isinstance(error, str) and _ERROR.fullmatch(error) else "no error by name"
    if named in _OVER:
        return ReconnectError()
    return ServiceError("refused", f"the token endpoint answered {status}: {named}")


def _json(answer: httpx2.Response, kind: type) -> Any:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, kind):
        raise ServiceError("failed", f"{answer.request.url.path} did not answer with JSON")
    return told
