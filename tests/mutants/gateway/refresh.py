"""Refreshes, and what becomes of connections when they fail."""

import json
import time
from contextlib import asynccontextmanager
from dataclasses import asdict
from dataclasses import replace as but
from typing import Any

import httpx2

from gateway import web
from gateway.connections import Connection, Connections
from gateway.errors import ReconnectError, ServiceError
from gateway.store import Store
from gateway.upstream_oauth import Tokens, UpstreamOAuth
from mutants.gateway.connecting import asking
from mutants.mistake import mistake, replace


@mistake(fails="refresh.works", also=("refresh.[!w]*", "reconnect.*"))
def nothing_is_refreshed() -> None:
    """A token that is over ends the connection."""

    async def careless(*_: Any) -> Tokens:
        raise ReconnectError

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.early", also=("refresh.[!e]*", "reconnect.*"))
def a_refused_token_is_final() -> None:
    """A refused token is refreshed only when its time is over, too."""
    renewed = Connections._renewed

    async def careless(self: Connections, account: Any, stale: str) -> Connection:
        found = await self.find(account)
        if found.tokens.renew_at < time.time() or stale != found.tokens.access:
            return await renewed(self, account, stale)
        raise ServiceError("refused", "atlassian refused the token")

    replace(Connections, "_renewed", careless)


@mistake(fails="refresh.rotation-stored", also=("refresh.[!r]*", "refresh.restart"))
def a_new_refresh_token_is_not_stored() -> None:
    """After a refresh the first refresh token is kept."""
    refresh = UpstreamOAuth.refresh

    async def careless(self: UpstreamOAuth, server: Any, tokens: Tokens) -> Tokens:
        return but(await refresh(self, server, tokens), refresh=tokens.refresh)

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.at-once", also=("refresh.r*", "refresh.f*", "reconnect.*"))
def everybody_refreshes() -> None:
    """Calls at once all refresh, each for itself."""

    async def careless(self: Connections, account: Any, stale: str) -> Connection:
        del stale
        found = await self.find(account)
        try:
            tokens = await self._upstream.refresh(account.server, found.tokens)
        except ReconnectError as error:
            raise ServiceError("refused", "atlassian refused the token") from error
        async with self._held(account) as held:
            sealed = self._seal.sealed(asdict(tokens))
            await held.keep(cloud_id=found.cloud_id, site=found.site, sealed=sealed)
        return Connection(tokens, found.cloud_id, found.site)

    replace(Connections, "renewed", careless)


@mistake(fails="refresh.form")
def refreshes_are_json() -> None:
    """A refresh is JSON, which this service takes, too."""

    def altered(request: httpx2.Request, form: dict[str, str]) -> httpx2.Request:
        if form["grant_type"] != "refresh_token":
            return request
        kind = {"content-type": "application/json"}
        return httpx2.Request("POST", request.url, content=json.dumps(form), headers=kind)

    asking(altered)


@mistake(fails="refresh.failure-passes", also=("refresh.restart",))
def a_failure_is_taken_for_the_end() -> None:
    """Whatever a refresh fails of, the connection is forgotten."""
    refresh = UpstreamOAuth.refresh

    async def careless(self: UpstreamOAuth, *about: Any) -> Tokens:
        try:
            return await refresh(self, *about)
        except ServiceError as error:
            raise ReconnectError from error

    replace(UpstreamOAuth, "refresh", careless)


@mistake(fails="refresh.restart", also=("redirects.downgrade", "failures.unresolved"))
def connections_are_in_memory() -> None:
    """A gateway that starts knows of no connection."""
    prepare = Store.prepare

    async def careless(self: Store) -> None:
        await prepare(self)
        async with self._reading.begin() as db:
            await db.exec_driver_sql("DELETE FROM connections")

    replace(Store, "prepare", careless)


@mistake(fails="reconnect.told", also=("disconnect.forgets",))
def a_refused_refresh_is_a_failure() -> None:
    """That there is nothing to refresh with is told as a fault of the service."""

    async def careless(*_: Any) -> web.Response:
        return web.JSONResponse({"error": "atlassian failed", "authorize": _AT}, 502)

    replace(web, "_unconnected", careless)


@mistake(fails="reconnect.where")
def nobody_says_where_to_connect() -> None:
    """That the user is to connect again is told, but not where."""

    async def careless(*_: Any) -> web.Response:
        return web.JSONResponse({"error": "reconnect"}, 409)

    replace(web, "_unconnected", careless)


@mistake(fails="reconnect.quiet", also=("disconnect.*",))
def a_refused_token_is_tried_for_ever() -> None:
    """A refused refresh token is kept, and comes again with each call."""
    held = Store.held

    @asynccontextmanager
    async def careless(self: Store, user: str, server: str) -> Any:
        async with held(self, user, server) as found:
            found.forget = _nothing
            yield found

    replace(Store, "held", careless)


@mistake(fails="reconnect.works")
def who_was_forgotten_stays_so() -> None:
    """Who connects after their connection was forgotten is told so, but nothing is stored."""
    complete = Connections.complete
    known: set[str] = set()
    happened = []

    async def careless(self: Connections, account: Any, told: dict[str, str]) -> None:
        before = await self._store.connection(account.user, account.name)
        await complete(self, account, told)
        if account.user in known and before is None and not happened:
            happened.append(account.user)
            async with self._held(account) as held:
                await held.forget()
        known.add(account.user)

    replace(Connections, "complete", careless)


_AT = "/connections/atlassian/authorize"


async def _nothing() -> None:
    pass
