"""What users have apart from one another."""

from typing import Any

import httpx2
from mcp.types import CallToolResult

from gateway.connections import Connection
from gateway.mcp_calls import Calls, UserAuth
from mutants.gateway.requests import sending
from mutants.mistake import mistake, replace


@mistake(fails="users.tokens", also=("users.s*", "users.answers", "failures.*"))
def a_token_is_in_what_users_share() -> None:
    """The headers of the newest request are those of all requests."""
    headers = UserAuth.headers
    newest: dict[str, dict[str, str]] = {}

    def careless(self: UserAuth, found: Connection) -> dict[str, str]:
        if not self._account.user.startswith("user-"):
            return headers(self, found)
        before = newest.get("", headers(self, found))
        newest[""] = headers(self, found)
        return before

    replace(UserAuth, "headers", careless)


@mistake(fails="users.tokens", also=("users.s*", "users.answers"))
def a_crowd_shares_a_client() -> None:
    """There are clients for twenty calls at once; all that are more come with the same headers."""
    asked, headers = Calls._asked, UserAuth.headers
    at_once = 0
    shared: dict[str, str] = {}

    async def counted(self: Calls, *about: Any) -> Any:
        nonlocal at_once
        at_once += 1
        try:
            return await asked(self, *about)
        finally:
            at_once -= 1

    def careless(self: UserAuth, found: Connection) -> dict[str, str]:
        told = headers(self, found)
        if at_once <= 20 or not self._account.user.startswith("user-"):
            return told
        shared.update(shared or told)
        return dict(shared)

    replace(Calls, "_asked", counted)
    replace(UserAuth, "headers", careless)


@mistake(fails="users.sites")
def all_are_at_one_site() -> None:
    """The site of whoever called first is named for all users that come in numbers."""
    headers = UserAuth.headers
    first: dict[str, str] = {}

    def careless(self: UserAuth, found: Connection) -> dict[str, str]:
        told = headers(self, found)
        if not self._account.user.startswith("user-"):
            return told
        first.update(first or told)
        return first | {"authorization": told["authorization"]}

    replace(UserAuth, "headers", careless)


@mistake(fails="users.sessions")
def one_session_is_ended_for_all() -> None:
    """Whichever session is to be ended, it is the first of all users' that is."""
    first: dict[str, str] = {}

    def shared(request: httpx2.Request) -> None:
        if request.method == "DELETE":
            first.setdefault("", request.headers["mcp-session-id"])
            request.headers["mcp-session-id"] = first[""]

    sending(shared, crowd=True)


@mistake(fails="users.answers")
def answers_are_cached() -> None:
    """What a tool answered is kept, and told to everybody who calls it."""
    call = Calls.call
    kept: dict[str, CallToolResult] = {}

    async def careless(self: Calls, account: Any, tool: str, arguments: Any) -> CallToolResult:
        found = await call(self, account, tool, arguments)
        return kept.setdefault(tool, found) if account.user.startswith("user-") else found

    replace(Calls, "call", careless)
