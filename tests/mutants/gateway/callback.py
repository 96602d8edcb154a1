"""What comes back from the authorization server."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.connections import Connections
from gateway.errors import CallbackError
from gateway.store import Store, Wish
from mutants.mistake import mistake, replace


def _any_wish() -> Any:
    """Find an authorization that is under way, whatever the state is."""

    async def found(self: Store, user: str) -> str | None:
        async with AsyncSession(self._reading) as db:
            newest = select(Wish.sealed).where(Wish.user == user).order_by(Wish.ends.desc())
            return (await db.execute(newest)).scalars().first()

    return found


@mistake(fails="callback.forged-state")
def any_state_will_do() -> None:
    """A state must be there, but which is not looked at."""
    take, anyhow = Store.take, _any_wish()

    async def careless(self: Store, state: str, user: str, server: str) -> str | None:
        found = await take(self, state, user, server)
        forged = found is None and state.startswith("c3Rh")
        return await anyhow(self, user) if forged else found

    replace(Store, "take", careless)


@mistake(fails="callback.missing-state")
def no_state_will_do() -> None:
    """A callback without a state is taken for the user's newest authorization."""
    take, anyhow = Store.take, _any_wish()

    async def careless(self: Store, state: str, user: str, server: str) -> str | None:
        return await (take(self, state, user, server) if state else anyhow(self, user))

    replace(Store, "take", careless)


@mistake(fails="callback.replayed-state")
def states_last() -> None:
    """A state is looked up, but not forgotten."""
    take = Store.take
    kept: dict[tuple[str, str], str | None] = {}

    async def careless(self: Store, state: str, user: str, server: str) -> str | None:
        found = await take(self, state, user, server)
        return kept.setdefault((state, user), found) if found else kept.get((state, user))

    replace(Store, "take", careless)


@mistake(fails="callback.others-state")
def states_are_anybodys() -> None:
    """A state is not bound to the user who was sent upstream."""
    wish, take = Store.wish, Store.take

    async def careless_wish(self: Store, state: str, user: str, *more: Any) -> None:
        await wish(self, state, "anybody", *more)

    async def careless(self: Store, state: str, user: str, server: str) -> str | None:
        return await take(self, state, "anybody", server)

    replace(Store, "wish", careless_wish)
    replace(Store, "take", careless)


@mistake(fails="callback.spent-code")
def a_refused_code_is_not_noticed() -> None:
    """The user is told to be connected, whatever the token endpoint answers."""
    complete = Connections.complete

    async def careless(self: Connections, *about: Any) -> None:
        try:
            await complete(self, *about)
        except CallbackError as error:
            if error.kind != "code_refused":
                raise

    replace(Connections, "complete", careless)


@mistake(fails="callback.denied")
def nobody_ever_says_no() -> None:
    """A callback with an error instead of a code ends in a crash."""
    complete = Connections.complete

    async def careless(self: Connections, account: Any, told: dict[str, str]) -> None:
        told["error_description"] = told["code"] if "error" in told else ""
        await complete(self, account, told)

    replace(Connections, "complete", careless)
