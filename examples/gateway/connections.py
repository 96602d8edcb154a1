"""Connections: which user is at which server with which tokens, from consent to disconnection."""

import asyncio
import secrets
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from gateway import store
from gateway.errors import CallbackError, ReconnectError, TokenError
from gateway.sealing import Seal
from gateway.settings import Server
from gateway.store import Held, Store
from gateway.upstream_oauth import Tokens, UpstreamOAuth

_ASKING_SECONDS = 600
_ENDING_SECONDS = 2


@dataclass(frozen=True)
class Account:
    """A user at a server, which has a name."""

    user: str
    name: str
    server: Server


@dataclass(frozen=True)
class Connection:
    """What a user's calls need."""

    tokens: Tokens
    cloud_id: str | None
    site: str | None


class Connections:
    """All connections. Each is refreshed by one at a time, whoever asks, in whichever process."""

    def __init__(self, store: Store, seal: Seal, upstream: UpstreamOAuth) -> None:
        self._store = store
        self._seal = seal
        self._upstream = upstream
        self._working: set[asyncio.Task[Any]] = set()

    async def authorize(self, account: Account) -> str:
        """Give the URL to send a user to; its state is for this user, good once, and not for long.

        The user is whom the callback must come from: nobody connects an account of theirs, or
        somebody's code, to another user (RFC 6749, 10.12).
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        ends = time.time() + _ASKING_SECONDS
        await self._store.wish(state, account.user, account.name, self._seal.sealed(verifier), ends)
        return self._upstream.authorize_url(account.server, state, verifier)

    async def complete(self, account: Account, told: dict[str, str]) -> None:
        """Take a user back, and connect. Raises CallbackError before anything is asked upstream."""
        verifier = await self._verifier(account, told.get("state", ""))
        if "error" in told or "code" not in told:
            raise CallbackError("declined", "you came back without a code")
        try:
            tokens = await self._upstream.exchange(account.server, told["code"], verifier)
        except TokenError as error:
            if error.error == "invalid_grant":
                raise CallbackError("code_refused", "the code does not work") from error
            raise
        site = await self._upstream.site(account.server, tokens.access)
        cloud_id, url = (None, None) if site is None else (site.id, site.url)
        async with self._held(account) as held:
            sealed = self._seal.sealed(asdict(tokens))
            await held.keep(cloud_id=cloud_id, site=url, sealed=sealed)

    async def _verifier(self, account: Account, state: str) -> str:
        sealed = await self._store.take(state, account.user, account.name)
        verifier = None if sealed is None else self._seal.opened(sealed)
        if verifier is None:
            raise CallbackError("state", "you did not ask for this, or too long ago: connect again")
        return str(verifier)

    async def find(self, account: Account) -> Connection:
        """Find a user's connection. Raises ReconnectError."""
        return self._opened(await self._store.connection(account.user, account.name))

    async def fresh(self, account: Account) -> Connection:
        """Find a user's connection, with a token that lasts a little.

        Raises ReconnectError, or ServiceError if it had to be refreshed and was not.
        """
        found = await self.find(account)
        if time.time() < found.tokens.renew_at:
            return found
        return await self.renewed(account, found.tokens.access)

    async def renewed(self, account: Account, stale: str) -> Connection:
        """Give the connection with another access token than the `stale` one.

        Of many that come with the same stale token, one asks upstream, and all get what that
        brought. A refresh that has begun ends, and is stored, whatever becomes of whoever asked
        for it: its answer holds the only refresh token that still works.

        Raises ReconnectError, and forgets the connection, if it will never work again;
        ServiceError if it was not refreshed. That is not tried again here, so that nothing loops.
        """
        return await self._to_its_end(self._renewed(account, stale))

    async def _renewed(self, account: Account, stale: str) -> Connection:
        async with self._held(account) as held:
            found = self._opened(held.found)
            if found.tokens.access != stale:
                return found
            try:
                tokens = await self._upstream.refresh(account.server, found.tokens)
            except ReconnectError:
                await held.forget()
            else:
                sealed = self._seal.sealed(asdict(tokens))
                await held.keep(cloud_id=found.cloud_id, site=found.site, sealed=sealed)
                return Connection(tokens, found.cloud_id, found.site)
        raise ReconnectError

    async def forget(self, account: Account, refused: str) -> None:
        """Forget a connection whose newest access token is `refused`."""
        async with self._held(account) as held:
            if held.found is not None and self._opened(held.found).tokens.access == refused:
                await held.forget()

    async def disconnect(self, account: Account) -> None:
        """Forget a connection, and revoke it upstream."""
        await self._to_its_end(self._disconnected(account))

    async def _disconnected(self, account: Account) -> None:
        async with self._held(account) as held:
            if held.found is None:
                return
            await held.forget()
        with suppress(ReconnectError):  # sealed by another key: then nothing can be revoked
            await self._upstream.revoke(account.server, self._opened(held.found).tokens)

    async def close(self) -> None:
        """Wait a little for what must not stop half-way."""
        if self._working:
            await asyncio.wait(self._working, timeout=_ENDING_SECONDS)

    async def _to_its_end[Result](self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do what must not stop half-way, whether or not somebody still waits for it."""
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return await asyncio.shield(task)

    def _held(self, account: Account) -> AbstractAsyncContextManager[Held]:
        return self._store.held(account.user, account.name)

    def _opened(self, row: store.Connection | None) -> Connection:
        tokens = None if row is None else self._seal.opened(row.sealed)
        if row is None or tokens is None:
            raise ReconnectError
        return Connection(Tokens(**tokens), row.cloud_id, row.site)
