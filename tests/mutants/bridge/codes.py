"""Authorization codes."""

from typing import Any

from bridge.store import Store
from bridge.token_endpoint import TokenEndpoint
from mutants.mistake import mistake, replace


@mistake(fails="code.single-use", also=("code.reuse-revokes",))
def codes_work_twice() -> None:
    """A code is looked up, but not used up."""
    take = Store.take

    def careless(self: Store, kind: str, name: str) -> Any:
        return self.get(kind, name) if kind == "code" else take(self, kind, name)

    replace(Store, "take", careless)


@mistake(fails="code.reuse-revokes")
def a_stolen_code_has_no_consequences() -> None:
    """A code that comes twice is refused, but what was issued for it still works."""

    async def careless(*_: Any) -> None:
        pass

    replace(TokenEndpoint, "_twice", careless)


@mistake(fails="code.redirect-uri")
def redirect_uri_of_the_exchange_is_ignored() -> None:
    """The exchange may name any redirect URI."""
    exchanged = TokenEndpoint._exchanged

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Any:
        issued = self._store.get("code", form.get("code", "")) or {}
        return await exchanged(self, form | {"redirect_uri": issued.get("redirect_uri")}, client)

    replace(TokenEndpoint, "_exchanged", careless)


@mistake(fails="code.client")
def codes_are_anybodys() -> None:
    """A client may exchange a code that was issued to another."""
    exchanged = TokenEndpoint._exchanged

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Any:
        issued = self._store.get("code", form.get("code", "")) or {}
        return await exchanged(self, form, client | {"client_id": issued.get("client_id")})

    replace(TokenEndpoint, "_exchanged", careless)
