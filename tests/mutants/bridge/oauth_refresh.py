"""Refreshes: what is stored, who waits for whom, and what becomes of failures."""

from contextlib import suppress
from dataclasses import replace as changed
from typing import Any

from bridge import tokens
from bridge.errors import GrantOverError, RefusedError, UpstreamError
from bridge.forms import OAuthError
from bridge.grants import Grant, Grants
from bridge.token_endpoint import TokenEndpoint
from bridge.tokens import Tokens
from bridge.upstream_mcp import GrantAuth
from bridge.upstream_oauth import UpstreamOAuth
from mutants.bridge.oauth_upstream import forgetful
from mutants.mistake import mistake, replace


def _storing(*kept: str) -> None:
    """Keep these fields of a grant as they were when it is refreshed."""
    refreshed = Grants._refreshed

    async def careless(self: Grants, grant: Grant) -> Grant:
        fresh = await refreshed(self, grant)
        return changed(fresh, **{name: getattr(grant, name) for name in kept})

    replace(Grants, "_refreshed", careless)


@mistake(fails="refresh.rotation-stored", production="rotation")
def the_rotated_token_is_not_stored() -> None:
    """The bridge goes on with its first refresh token."""
    _storing("refresh")


@mistake(
    fails="refresh.wrapped-anew",
    also=("refresh.early", "refresh.at-once", "refresh.calls-at-once"),
    production="re-wrap",
)
def the_refreshed_token_is_not_wrapped() -> None:
    """The client's token goes on standing for the first token of the service."""
    _storing("access")


@mistake(fails="expiry.margin", production="expiry")
def the_first_expiry_stays() -> None:
    """The expiry is that of the first token of the service, after each refresh."""
    refreshed = Grants._refreshed

    async def careless(self: Grants, grant: Grant) -> Grant:
        fresh = await refreshed(self, grant)
        return changed(fresh, ends=max(fresh.ends, grant.ends))

    replace(Grants, "_refreshed", careless)


@mistake(fails="expiry.margin")
def there_is_no_margin() -> None:
    """The client's token ends when the service's does."""
    replace(tokens, "MARGIN", 0)


@mistake(fails="refresh.kept", also=("session.restart",))
def grants_are_not_kept() -> None:
    """Grants are in memory only."""
    forgetful("grant")


@mistake(fails="refresh.rotated", also=("refresh.spent",))
def refresh_tokens_stay() -> None:
    """The client's refresh token is the same for ever."""
    renewed, refresh = Grants.renewed, Tokens.refresh
    issued: dict[str, str | None] = {}

    async def careless(self: Grants, grant_id: str, stale: str, spends: int | None = None) -> Any:
        del spends
        return await renewed(self, grant_id, stale)

    def same(self: Tokens, grant: Grant) -> str | None:
        return issued.setdefault(grant.id, refresh(self, grant))

    replace(Grants, "renewed", careless)
    replace(Tokens, "refresh", same)


@mistake(fails="token.refresh-token", also=("refresh.*",))
def refreshes_bring_no_refresh_token() -> None:
    """The answer to a refresh has an access token only."""
    refresh = Tokens.refresh
    replace(
        Tokens,
        "refresh",
        lambda self, grant: (
            refresh(self, changed(grant, refresh=None))
            if grant.generation
            else refresh(self, grant)
        ),
    )


@mistake(fails="refresh.spent")
def spent_refresh_tokens_work() -> None:
    """It is not known which refresh tokens were used."""

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Grant:
        grant = self._grants.find(self._tokens.refresh_of(form["refresh_token"]).grant)
        if grant.client_id != client["client_id"]:
            raise OAuthError("invalid_grant", "the refresh token is another client's")
        return await self._grants.renewed(grant.id, grant.access, grant.generation)

    replace(TokenEndpoint, "_refreshed", careless)


@mistake(fails="refresh.client")
def refresh_tokens_are_anybodys() -> None:
    """A client may refresh with another's token."""
    refreshed = TokenEndpoint._refreshed

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Grant:
        grant = self._grants.find(self._tokens.refresh_of(form["refresh_token"]).grant)
        return await refreshed(self, form, client | {"client_id": grant.client_id})

    replace(TokenEndpoint, "_refreshed", careless)


def _unlocked(*, calls: bool) -> None:
    """Refresh without a lock: for calls, or for clients that refresh."""
    renewed = Grants._renewed

    async def careless(self: Grants, grant_id: str, stale: str, spends: int | None) -> Grant:
        if calls is not (spends is None):
            return await renewed(self, grant_id, stale, spends)
        grant = await self._refreshed(self.find(grant_id))
        grant = changed(grant, generation=grant.generation + (not calls))
        self._store.put("grant", grant.id, vars(grant))
        return grant

    replace(Grants, "_renewed", careless)


@mistake(fails="refresh.at-once")
def each_refresh_goes_upstream() -> None:
    """Clients that refresh at once are not made to wait for each other."""
    _unlocked(calls=False)


@mistake(fails="refresh.calls-at-once")
def each_call_refreshes() -> None:
    """Calls that are refused at once are not made to wait for each other."""
    _unlocked(calls=True)


@mistake(fails="refresh.early", also=("refresh.challenge", "refresh.calls-at-once"))
def a_401_upstream_is_the_end() -> None:
    """A call that is refused upstream is not tried again with a new token."""

    async def careless(self: GrantAuth, request: Any) -> Any:
        request.headers["authorization"] = f"Bearer {self._grants.find(self._id).access}"
        yield request

    replace(GrantAuth, "async_auth_flow", careless)


@mistake(fails="refresh.lost-answer", also=("refresh.failure-passes",))
def a_lost_answer_blocks_the_grant() -> None:
    """A refresh that has begun and got no answer is waited for, for ever."""
    refreshed = Grants._refreshed
    begun: set[str] = set()

    async def careless(self: Grants, grant: Grant) -> Grant:
        if grant.id in begun:
            raise UpstreamError("a refresh is under way")
        begun.add(grant.id)
        fresh = await refreshed(self, grant)
        begun.remove(grant.id)
        return fresh

    replace(Grants, "_refreshed", careless)


@mistake(fails="refresh.failure-passes")
def a_failure_ends_the_grant() -> None:
    """A failure of the service is taken for its refusal."""
    refresh = UpstreamOAuth.refresh

    async def careless(self: UpstreamOAuth, *asked: str) -> Any:
        try:
            return await refresh(self, *asked)
        except UpstreamError as error:
            raise RefusedError("server_error") from error

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.no-loop", also=("refresh.lost-answer", "refresh.failure-passes"))
def failures_are_asked_for_again() -> None:
    """A refresh that fails is tried again, and again."""
    refresh = UpstreamOAuth.refresh

    async def careless(self: UpstreamOAuth, *asked: str) -> Any:
        for _ in range(9):
            with suppress(UpstreamError):
                return await refresh(self, *asked)
        return await refresh(self, *asked)

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.no-storm")
def refusals_are_asked_for_again() -> None:
    """A refresh that is refused is tried five times."""
    refresh = UpstreamOAuth.refresh

    async def careless(self: UpstreamOAuth, *asked: str) -> Any:
        for _ in range(4):
            try:
                return await refresh(self, *asked)
            except RefusedError:
                continue
        return await refresh(self, *asked)

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.refused")
def refused_refreshes_look_like_failures() -> None:
    """A client whose refresh is refused upstream is told to try again later."""
    renewed = Grants.renewed

    async def careless(self: Grants, grant_id: str, stale: str, spends: int | None = None) -> Any:
        try:
            return await renewed(self, grant_id, stale, spends)
        except GrantOverError as error:
            if spends is None:
                raise
            raise UpstreamError("the upstream refused the refresh") from error

    replace(Grants, "renewed", careless)


@mistake(fails="refresh.challenge")
def refused_calls_look_like_failures() -> None:
    """A client is not told that its grant is over, which is kept."""
    renewed = Grants.renewed

    async def careless(self: Grants, grant_id: str, stale: str, spends: int | None = None) -> Any:
        grant = self.find(grant_id)
        try:
            return await renewed(self, grant_id, stale, spends)
        except GrantOverError as error:
            if spends is not None:
                raise
            self._store.put("grant", grant_id, vars(grant))
            raise UpstreamError("the upstream refused the refresh") from error

    replace(Grants, "renewed", careless)
