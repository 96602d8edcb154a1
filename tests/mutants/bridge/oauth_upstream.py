"""The bridge as a client of the service."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace as replaced
from typing import Any

from authlib.integrations.httpx_client import OAuth2ClientAuth

from bridge import upstream_oauth
from bridge.authorization import Authorization
from bridge.errors import UpstreamError
from bridge.grants import Grant
from bridge.store import Store
from bridge.token_endpoint import TokenEndpoint
from bridge.upstream_oauth import Documents, UpstreamOAuth, UpstreamTokens
from mutants.mistake import mistake, replace

type Client = dict[str, Any]


def forgetful(kind: str) -> None:
    """Keep values of a kind in memory only."""
    put, get, take = Store.put, Store.get, Store.take
    kept: dict[str, Any] = {}

    def putting(self: Store, of: str, name: str, value: Any, *more: Any) -> None:
        if of == kind:
            kept[name] = value
        else:
            put(self, of, name, value, *more)

    def getting(self: Store, of: str, name: str) -> Any:
        return kept.get(name) if of == kind else get(self, of, name)

    def taking(self: Store, of: str, name: str) -> Any:
        return kept.pop(name, None) if of == kind else take(self, of, name)

    replace(Store, "put", putting)
    replace(Store, "get", getting)
    replace(Store, "take", taking)


@mistake(fails="upstream.registers-once", also=("upstream.registration-kept",))
def each_login_registers() -> None:
    """The bridge registers upstream for each authorization."""
    authorize_url = UpstreamOAuth.authorize_url

    async def careless(self: UpstreamOAuth, callback: str, *more: Any) -> str:
        name = upstream_oauth._registration(await self.documents(), callback)
        self._store.take("registration", name)
        return await authorize_url(self, callback, *more)

    replace(UpstreamOAuth, "authorize_url", careless)


@mistake(fails="upstream.registration-kept", also=("refresh.kept",), production="client-id")
def the_registration_is_not_kept() -> None:
    """The bridge's registration is in memory only."""
    forgetful("registration")


def _posting(alter: Callable[[Client, dict[str, str]], Client]) -> None:
    """Post forms as another client, made of the right one."""
    posted = UpstreamOAuth._posted

    async def careless(self: UpstreamOAuth, endpoint: str, client: Client, **form: str) -> Any:
        return await posted(self, endpoint, alter(client, form), **form)

    replace(UpstreamOAuth, "_posted", careless)


@mistake(
    fails="upstream.client-id",
    also=(
        "upstream.reg*",
        "refresh.*",
        "expiry.*",
        "code.reuse-revokes",
        "revocation.*",
        "token.u*",
    ),
    production="client-id",
)
def refreshes_are_anothers() -> None:
    """The bridge refreshes as a client that was configured, not as that which was registered."""

    def configured(client: Client, form: dict[str, str]) -> Client:
        refreshing = form.get("grant_type") == "refresh_token"
        return client | ({"client_id": "configured-client"} if refreshing else {})

    _posting(configured)


@mistake(fails="upstream.client-authentication")
def the_secret_is_in_the_form() -> None:
    """The bridge registers for Basic, and sends its secret in the form."""
    _posting(lambda client, _: client | {"token_endpoint_auth_method": "client_secret_post"})


def _json_first(grant_type: str) -> None:
    """Post JSON for this grant type, and a form only if that is refused."""
    posted = UpstreamOAuth._posted

    async def careless(self: UpstreamOAuth, endpoint: str, client: Client, **form: str) -> Any:
        if form.get("grant_type") == grant_type:
            auth = OAuth2ClientAuth(client["client_id"], client.get("client_secret"))
            request = self._http.build_request("POST", endpoint, json=form)
            answer = await self._sent(request, auth)
            if answer.is_success:
                return answer
        return await posted(self, endpoint, client, **form)

    replace(UpstreamOAuth, "_posted", careless)


@mistake(fails="upstream.exchange-form", also=("upstream.verifier",))
def codes_are_exchanged_as_json() -> None:
    """The exchange comes as JSON first."""
    _json_first("authorization_code")


@mistake(
    fails="upstream.refresh-form",
    also=("refresh.at-once", "refresh.calls-at-once", "refresh.early"),
    production="refresh-form",
)
def refreshes_are_json() -> None:
    """A refresh comes as JSON first."""
    _json_first("refresh_token")


@mistake(fails="upstream.offline-access", production="offline-access")
def offline_access_is_not_asked_for() -> None:
    """The bridge asks for the other scopes only."""
    replace(Documents, "askable", lambda _, scope: scope.replace(" offline_access", ""))


def _authorizing(alter: Callable[[str, str], str]) -> None:
    """Alter where users are sent upstream; the verifier is at hand."""
    authorize_url = UpstreamOAuth.authorize_url

    async def careless(self: Any, callback: str, state: str, verifier: str, scope: str) -> str:
        return alter(await authorize_url(self, callback, state, verifier, scope), verifier)

    replace(UpstreamOAuth, "authorize_url", careless)


@mistake(fails="upstream.challenge")
def the_challenge_is_plain() -> None:
    """The challenge upstream is the verifier itself."""
    replace(upstream_oauth, "create_s256_code_challenge", lambda verifier: verifier)
    _authorizing(lambda url, _: url.replace("method=S256", "method=plain"))


@mistake(fails="upstream.verifier")
def the_verifier_is_forgotten() -> None:
    """The exchange comes without the verifier first."""
    exchange = UpstreamOAuth.exchange

    async def careless(self: UpstreamOAuth, callback: str, code: str, *more: str) -> Any:
        client = await self._registered(await self.documents(), callback)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        await self._posted((await self.documents()).endpoint("token"), client, **form)
        return await exchange(self, callback, code, *more)

    replace(UpstreamOAuth, "exchange", careless)


@mistake(fails="upstream.resource", profile="atlassian-2026-09")
def the_resource_is_not_named() -> None:
    """The bridge does not say what tokens are for."""
    replace(Documents, "target", property(lambda _: {}))


@mistake(
    fails="refresh.works",
    also=("refresh.rotation-stored", "refresh.wrapped-anew", "refresh.spent", "refresh.client"),
    production="refresh",
)
def a_second_refresh_is_refused() -> None:
    """What a refresh brought cannot be refreshed."""
    refresh = UpstreamOAuth.refresh
    fresh: set[str | None] = set()

    async def careless(self: UpstreamOAuth, callback: str, token: str, scope: str) -> Any:
        if token in fresh:
            raise UpstreamError("it was refreshed already")
        tokens = await refresh(self, callback, token, scope)
        fresh.add(tokens.refresh)
        return tokens

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="upstream.own-challenge", also=("upstream.verifier", "state.*"))
def pkce_is_passed_through() -> None:
    """The client's challenge and verifier go upstream: the bridge has none of its own."""
    authorize, exchange = Authorization.authorize, UpstreamOAuth.exchange
    exchanged = TokenEndpoint._exchanged
    challenge: ContextVar[str] = ContextVar("challenge")
    pending: dict[str, tuple[str, str, str]] = {}

    async def authorizing(self: Authorization, request: Any) -> Any:
        challenge.set(request.query_params.get("code_challenge"))
        return await authorize(self, request)

    async def later(_: Any, callback: str, code: str, __: str, scope: str) -> UpstreamTokens:
        pending[code] = callback, code, scope
        return UpstreamTokens(code, None, scope, 60)

    async def now(self: TokenEndpoint, form: Any, client: Client) -> Grant:
        grant = await exchanged(self, form, client)
        callback, code, scope = pending.pop(grant.access)
        upstream = self._grants._upstream
        tokens = await exchange(upstream, callback, code, form["code_verifier"], scope)
        fresh = self._grants.begin(grant.client_id, callback, tokens)
        grant = replaced(fresh, id=grant.id)
        self._store.put("grant", grant.id, vars(grant))
        return grant

    replace(upstream_oauth, "create_s256_code_challenge", lambda _: challenge.get())
    replace(Authorization, "authorize", authorizing)
    replace(UpstreamOAuth, "exchange", later)
    replace(TokenEndpoint, "_exchanged", now)
