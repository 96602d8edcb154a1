"""The bridge as an OAuth client of the service behind it, with a registration and PKCE of its own.

What it sends is by RFC 6749 and OAuth 2.1; documents are found as MCP says (RFC 9728, RFC 8414).
"""

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.integrations.httpx_client import OAuth2ClientAuth
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from bridge.errors import RefusedError, UpstreamError
from bridge.settings import Settings
from bridge.store import Store

_LIFETIME = 3600
"""In seconds, where the upstream tells none (RFC 6749, 5.1, recommends that it does)."""

_METHODS = ("client_secret_basic", "client_secret_post", "none")

_NAMED = re.compile(r'resource_metadata="([^"]+)"')

_PASSING = ("server_error", "temporarily_unavailable", "slow_down")

log = logging.getLogger("bridge")


@dataclass(frozen=True)
class UpstreamTokens:
    """What a token endpoint gave."""

    access: str
    refresh: str | None
    scope: str
    lifetime: float


@dataclass(frozen=True)
class Documents:
    """What the upstream says of itself: its authorization server, and what tokens are for."""

    server: dict[str, Any]
    resource: str | None

    def endpoint(self, role: str) -> str:
        """Give the URL of an endpoint. Raises UpstreamError if there is none."""
        found = self.server.get(f"{role}_endpoint")
        if not isinstance(found, str):
            raise UpstreamError(f"the upstream's metadata names no {role}_endpoint")
        return found

    def askable(self, scope: str) -> str:
        """Leave `offline_access` out if the upstream, which lists its scopes, does not have it."""
        listed = self.server.get("scopes_supported") or ["offline_access"]
        kept = [each for each in scope.split() if each != "offline_access" or each in listed]
        return " ".join(kept)

    @property
    def target(self) -> dict[str, str]:
        """Give the parameter that says what tokens are for (RFC 8707)."""
        return {} if self.resource is None else {"resource": self.resource}


class UpstreamOAuth:
    """Obtains, refreshes and revokes the upstream's tokens."""

    def __init__(self, settings: Settings, store: Store, http: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._store = store
        self._http = http
        self._documents: Documents | None = None
        self._lock = asyncio.Lock()

    async def authorize_url(self, callback: str, state: str, verifier: str, scope: str) -> str:
        """Give the URL to send the user to; the challenge is the bridge's own (RFC 7636)."""
        documents = await self.documents()
        client = await self._registered(documents, callback)
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": callback,
            "scope": documents.askable(scope),
            "state": state,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **documents.target,
        }
        endpoint = documents.endpoint("authorization")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def exchange(self, callback: str, code: str, verifier: str, scope: str) -> UpstreamTokens:
        """Exchange a code for tokens. Raises RefusedError or UpstreamError."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return await self._tokens(callback, form | {"redirect_uri": callback}, scope)

    async def refresh(self, callback: str, refresh_token: str, scope: str) -> UpstreamTokens:
        """Refresh. Raises RefusedError or UpstreamError."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._tokens(callback, form, scope)

    async def revoke(self, callback: str, token: str) -> None:
        """Revoke a grant (RFC 7009), if the upstream can do that and answers."""
        try:
            documents = await self.documents()
            if "revocation_endpoint" in documents.server:
                endpoint = documents.endpoint("revocation")
                await self._posted(
                    endpoint, await self._registered(documents, callback), token=token
                )
        except UpstreamError as error:
            log.warning("a grant was not revoked upstream: %s", error)

    async def check_issuer(self, named: str | None) -> None:
        """Check who sent a user back (RFC 9207). Raises RefusedError if it is somebody else."""
        server = (await self.documents()).server
        promised = server.get("authorization_response_iss_parameter_supported")
        if named != server.get("issuer") and (named is not None or promised):
            raise RefusedError("invalid_request")

    async def documents(self) -> Documents:
        """Find the upstream's metadata, once. Raises UpstreamError."""
        async with self._lock:
            if self._documents is None:
                self._documents = await self._discovered()
            return self._documents

    async def _discovered(self) -> Documents:
        url = self._settings.upstream
        refused = await self._sent(self._http.build_request("POST", url, json={}))
        named = _NAMED.findall(refused.headers.get("www-authenticate", ""))
        resource = await self._first([*named, *_well_known("oauth-protected-resource", url)])
        issuer = None
        if resource is not None:
            if not f"{url}/".startswith(f"{resource.get('resource')}".rstrip("/") + "/"):
                raise UpstreamError("the upstream's resource metadata is of another resource")
            issuer = str(next(iter(resource.get("authorization_servers") or [url])))
        at = issuer or "{0.scheme}://{0.netloc}".format(urlsplit(url))
        server = await self._first(_well_known("oauth-authorization-server", at)[:1])
        server = server or await self._first(_well_known("openid-configuration", at)[:1])
        if server is None:
            raise UpstreamError("the upstream has no authorization server metadata")
        _check(server, issuer, url)
        return Documents(server, None if resource is None else str(resource["resource"]))

    async def _first(self, urls: list[str]) -> dict[str, Any] | None:
        for url in urls:
            answer = await self._sent(self._http.build_request("GET", url))
            if answer.status_code == 200:
                return _object(answer)
        return None

    async def _registered(self, documents: Documents, callback: str) -> dict[str, Any]:
        """Give the client that the bridge is, which it becomes once and stays (RFC 7591)."""
        name = _registration(documents, callback)
        kept: dict[str, Any] | None = self._store.get("registration", name)
        if kept is not None:
            return kept
        async with self._lock:
            kept = self._store.get("registration", name)
            if kept is None:
                kept = await self._register(documents, callback)
                self._store.put(
                    "registration", name, kept, kept["client_secret_expires_at"] or None
                )
            return kept

    async def _register(self, documents: Documents, callback: str) -> dict[str, Any]:
        offered = documents.server.get("token_endpoint_auth_methods_supported") or _METHODS
        asked = {
            "client_name": "MCP bridge",
            "redirect_uris": [callback],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": next((m for m in _METHODS if m in offered), "none"),
        }
        endpoint = documents.endpoint("registration")
        answer = await self._sent(self._http.build_request("POST", endpoint, json=asked))
        told = _object(answer)
        if answer.status_code not in {200, 201} or "client_id" not in told:
            raise UpstreamError(
                f"the upstream registers no client: it answered {answer.status_code}"
            )
        return asked | {"client_secret_expires_at": 0} | told

    async def _tokens(self, callback: str, form: dict[str, str], scope: str) -> UpstreamTokens:
        documents = await self.documents()
        client = await self._registered(documents, callback)
        endpoint = documents.endpoint("token")
        answer = await self._posted(endpoint, client, **form, **documents.target)
        told = _object(answer)
        if answer.status_code != 200 or "access_token" not in told:
            raise self._refused(told.get("error"), documents, callback)
        return UpstreamTokens(
            str(told["access_token"]),
            told.get("refresh_token"),
            told.get("scope") or scope,
            float(told.get("expires_in") or _LIFETIME),
        )

    def _refused(self, error: object, documents: Documents, callback: str) -> Exception:
        """Tell a refusal, which is for good, from a failure."""
        if not isinstance(error, str) or error in _PASSING:
            return UpstreamError("the upstream issued no tokens")
        if error == "invalid_client":  # it forgot the bridge, which registers anew the next time
            self._store.take("registration", _registration(documents, callback))
        return RefusedError(error)

    async def _posted(self, endpoint: str, client: dict[str, Any], **form: str) -> httpx2.Response:
        """Post a form, as the client that the bridge is (RFC 6749, 2.3 and appendix B)."""
        method = client["token_endpoint_auth_method"]
        if method == "client_secret_basic":  # some look for it in the form in any case
            form["client_id"] = client["client_id"]
        auth = OAuth2ClientAuth(client["client_id"], client.get("client_secret"), method)
        return await self._sent(self._http.build_request("POST", endpoint, data=form), auth)

    async def _sent(
        self, request: httpx2.Request, auth: httpx2.Auth | None = None
    ) -> httpx2.Response:
        """Send a request; raises UpstreamError, by name, if there is no answer to go on with."""
        where = f"the upstream's {request.url.path}"
        try:
            answer = await self._http.send(request, auth=auth)
        except httpx2.TimeoutException as error:
            raise UpstreamError(f"{where} did not answer in time", 504) from error
        except httpx2.HTTPError as error:
            raise UpstreamError(f"{where} cannot be reached: {type(error).__name__}") from error
        if answer.status_code == 429:
            later = answer.headers.get("retry-after")
            raise UpstreamError(f"{where} is asked too often", 429, later)
        if answer.status_code >= 500:
            raise UpstreamError(f"{where} answered {answer.status_code}")
        return answer


def _well_known(name: str, url: str) -> list[str]:
    """Give where a document about a URL is, and then where one about its origin is (RFC 8615)."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/.well-known/{name}"
    return [root + parts.path.rstrip("/"), root]


def _registration(documents: Documents, callback: str) -> str:
    return f"{documents.server.get('issuer')} {callback}"


def _check(server: dict[str, Any], issuer: str | None, url: str) -> None:
    """Check metadata. Raises UpstreamError if the bridge cannot, or should not, go on with it.

    Metadata that resource metadata led to must name that issuer (RFC 8414, 3.3). Of a service
    of MCP 2025-03-26, whose metadata is wherever the service is, it is only logged: of the one in
    front of this bridge, it is known not to.
    """
    told = server.get("issuer")
    if issuer is not None and told != issuer:
        raise UpstreamError("the upstream's metadata is of another issuer")
    if issuer is None and told != "{0.scheme}://{0.netloc}".format(urlsplit(url)):
        log.warning("the upstream's metadata names an issuer on another origin")
    if "S256" not in server.get("code_challenge_methods_supported", ()):
        raise UpstreamError("the upstream's metadata does not offer PKCE with S256")
    endpoints = (value for name, value in server.items() if name.endswith("_endpoint"))
    if url.startswith("https:") and not all(str(each).startswith("https:") for each in endpoints):
        raise UpstreamError("the upstream's metadata names an endpoint without TLS")


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UpstreamError(f"the upstream's {answer.request.url.path} did not answer with JSON")
    return told
