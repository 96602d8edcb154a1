"""PKCE towards clients."""

import hmac
from typing import Any

from bridge import token_endpoint
from bridge.authorization import Authorization
from bridge.token_endpoint import TokenEndpoint
from mutants.mistake import mistake, replace


@mistake(fails="pkce.wrong-verifier")
def any_verifier_is_good() -> None:
    """There must be a verifier, but it is not compared with the challenge."""

    class Careless:
        @staticmethod
        def compare_digest(one: Any, other: Any) -> bool:
            a_challenge = isinstance(one, str)
            return bool(one) if a_challenge else hmac.compare_digest(one, other)

    replace(token_endpoint, "hmac", Careless)


@mistake(fails="pkce.no-verifier")
def no_verifier_is_good() -> None:
    """Whoever sends no verifier is not asked for one."""
    exchanged = TokenEndpoint._exchanged

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Any:
        if "code_verifier" in form:
            return await exchanged(self, form, client)
        issued: Any = self._store.take("code", form["code"])
        return self._grants.find(issued["grant"])

    replace(TokenEndpoint, "_exchanged", careless)


@mistake(fails="pkce.required")
def pkce_is_optional() -> None:
    """Authorization goes on without a challenge."""
    wrong = Authorization._wrong

    def careless(self: Authorization, request: Any, asked: Any) -> str | None:
        asked.setdefault("code_challenge", "")
        return wrong(self, request, asked) if asked["code_challenge"] else None

    replace(Authorization, "_wrong", careless)
