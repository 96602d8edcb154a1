"""Secrets where they do not belong."""

from typing import Any

from gateway import web
from gateway.connections import Connections
from gateway.mcp_calls import UserAuth
from gateway.upstream_oauth import log
from mutants.gateway.requests import sending
from mutants.mistake import mistake, replace


@mistake(fails="secrets.answers")
def a_new_token_is_shown() -> None:
    """Who has connected is shown the token, as some do for their developers."""
    complete = Connections.complete

    async def careless(self: Connections, account: Any, told: dict[str, str]) -> None:
        await complete(self, account, told)
        web._PRIVATE["x-token"] = (await self.find(account)).tokens.access

    replace(Connections, "complete", careless)


@mistake(fails="secrets.urls", also=("requests.bearer",))
def the_token_is_in_the_query() -> None:
    """Where a stream is asked for, the token is in the URL, too."""

    def doubled(request: Any) -> None:
        if request.method != "GET":
            return
        token = request.headers["authorization"].removeprefix("Bearer ")
        request.url = request.url.copy_set_param("access_token", token)

    sending(doubled)


@mistake(fails="secrets.log")
def tokens_are_logged() -> None:
    """What a user's calls are made with is logged."""
    headers = UserAuth.headers

    def careless(self: UserAuth, found: Any) -> dict[str, str]:
        log.info("headers: %s", headers(self, found))
        return headers(self, found)

    replace(UserAuth, "headers", careless)
