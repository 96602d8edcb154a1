"""Grants: what a user has allowed a client, and the upstream's tokens that stand behind it."""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from weakref import WeakValueDictionary

from bridge.errors import GrantOverError, RefusedError
from bridge.store import Store
from bridge.upstream_oauth import UpstreamOAuth, UpstreamTokens


@dataclass(frozen=True)
class Grant:
    """A grant; `callback` is the redirect URI it was obtained with, upstream.

    `ends` is when the upstream's access token does, in seconds since 1970. `generation` counts how
    often the client has refreshed.
    """

    id: str
    client_id: str
    callback: str
    access: str
    refresh: str | None
    scope: str
    ends: float
    generation: int = 0


class Grants:
    """All grants. Each is refreshed by one at a time, whoever asks.

    `ended` is called with the id of each grant that is over.
    """

    def __init__(self, store: Store, upstream: UpstreamOAuth) -> None:
        self.ended: Callable[[str], object] = lambda _: None
        self._store = store
        self._upstream = upstream
        self._working: set[asyncio.Task[Grant]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def begin(self, client_id: str, callback: str, tokens: UpstreamTokens) -> Grant:
        """Keep a new grant."""
        grant = Grant(
            secrets.token_urlsafe(24),
            client_id,
            callback,
            tokens.access,
            tokens.refresh,
            tokens.scope,
            time.time() + tokens.lifetime,
        )
        self._store.put("grant", grant.id, asdict(grant))
        return grant

    def find(self, grant_id: str) -> Grant:
        """Find a grant. Raises GrantOverError."""
        kept = self._store.get("grant", grant_id)
        if kept is None:
            raise GrantOverError
        return Grant(**kept)

    async def renewed(self, grant_id: str, stale: str, spends: int | None = None) -> Grant:
        """Give the grant with another access token than the `stale` one.

        Of many that come with the same stale token, one asks upstream, and all get what that
        brought. `spends` is the generation of the refresh token that is used up. A refresh that
        has begun ends, and is stored, whatever becomes of whoever asked for it: its answer holds
        the only refresh token that still works.

        Raises GrantOverError if the upstream wants the user to authorize again, UpstreamError if
        it does not answer; that is not tried again here, so that nothing loops.
        """
        work = asyncio.create_task(self._renewed(grant_id, stale, spends))
        self._working.add(work)
        work.add_done_callback(self._working.discard)
        return await asyncio.shield(work)

    async def _renewed(self, grant_id: str, stale: str, spends: int | None) -> Grant:
        async with self._locks.setdefault(grant_id, asyncio.Lock()):
            grant = self.find(grant_id)
            if grant.access == stale:
                grant = await self._refreshed(grant)
                self.find(grant_id)  # it may be over by now
            if spends == grant.generation:
                grant = replace(grant, generation=grant.generation + 1)
            self._store.put("grant", grant.id, asdict(grant))
            return grant

    async def _refreshed(self, grant: Grant) -> Grant:
        if grant.refresh is None:
            self.end(grant.id)
            raise GrantOverError
        try:
            tokens = await self._upstream.refresh(grant.callback, grant.refresh, grant.scope)
        except RefusedError as refused:
            self.end(grant.id)
            raise GrantOverError from refused
        return replace(
            grant,
            access=tokens.access,
            refresh=tokens.refresh or grant.refresh,  # RFC 6749, 6: a new one replaces the old
            scope=tokens.scope,
            ends=time.time() + tokens.lifetime,
        )

    def end(self, grant_id: str) -> Grant | None:
        """Forget a grant: its tokens and sessions end with it."""
        kept = self._store.take("grant", grant_id)
        self.ended(grant_id)
        return None if kept is None else Grant(**kept)

    async def revoke(self, grant_id: str) -> None:
        """Forget a grant, here and upstream."""
        grant = self.end(grant_id)
        if grant is not None:
            with suppress(RefusedError):
                await self._upstream.revoke(grant.callback, grant.refresh or grant.access)
