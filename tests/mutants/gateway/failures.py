"""What is made of a service that fails."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from gateway import mcp_calls, web
from gateway.connections import Connections
from gateway.errors import LATER, ServiceError
from gateway.mcp_calls import Calls
from mutants.mistake import mistake, replace


def _crashing(when: Callable[[ServiceError, int], bool]) -> None:
    """Crash at failures of the service that are so; the newest answer's status is known, too."""
    named = mcp_calls._named

    def careless(error: Exception, newest: Any) -> Exception:
        found = named(error, newest)
        status = 0 if newest is None else newest.status_code
        crashes = isinstance(found, ServiceError) and when(found, status)
        return RuntimeError("unexpected") if crashes else found

    replace(mcp_calls, "_named", careless)


@mistake(fails="failures.timeout")
def nothing_has_a_time_limit() -> None:
    """Calls wait for the service as long as it takes."""
    init = Calls.__init__

    def careless(self: Calls, connections: Any, timeout: float) -> None:
        del timeout
        init(self, connections, 600)

    replace(Calls, "__init__", careless)


@mistake(fails="failures.retry-after")
def when_to_come_back_is_kept_back() -> None:
    """That the service wants to be asked later is told as 502, without Retry-After."""

    failed = web._failed

    async def careless(request: Any, error: ServiceError) -> web.Response:
        status = 502 if error.status in LATER else error.status
        return await failed(request, ServiceError(error.kind, str(error), status))

    replace(web, "_failed", careless)


@mistake(fails="failures.status", also=("failures.retry-after",))
def an_error_status_is_unexpected() -> None:
    """A status of 4xx or 5xx ends in a crash."""
    _crashing(lambda _, status: status >= 400)


@mistake(fails="failures.broken")
def broken_answers_are_unexpected() -> None:
    """An answer that is no JSON, or breaks off, ends in a crash."""
    _crashing(lambda error, status: 0 < status < 300 and error.kind in {"failed", "unreachable"})


@mistake(fails="failures.unreachable", also=("failures.unresolved",))
def an_absent_service_is_unexpected() -> None:
    """A service that cannot be reached ends in a crash."""
    _crashing(lambda error, status: status == 0 and error.kind == "unreachable")


@mistake(fails="failures.exchange")
def a_failed_exchange_is_unexpected() -> None:
    """A token endpoint that answers 5xx ends in a crash."""
    complete = Connections.complete

    async def careless(self: Connections, *about: Any) -> None:
        try:
            await complete(self, *about)
        except ServiceError as error:
            raise RuntimeError("unexpected") from error

    replace(Connections, "complete", careless)


@mistake(fails="failures.others", also=("failures.[!o]*", "users.*"))
def calls_wait_for_one_another() -> None:
    """One call is made at a time, whoever calls."""
    asked, lock = Calls._asked, asyncio.Lock()

    async def careless(self: Calls, *about: Any) -> Any:
        async with lock:
            return await asked(self, *about)

    replace(Calls, "_asked", careless)


@mistake(fails="failures.pass")
def a_failure_is_remembered() -> None:
    """After a failure the next call of the user is told of it again."""
    asked = Calls._asked
    failed: dict[str, ServiceError] = {}

    async def careless(self: Calls, account: Any, *about: Any) -> Any:
        if account.user in failed:
            raise failed.pop(account.user)
        try:
            return await asked(self, account, *about)
        except ServiceError as error:
            if account.user.startswith("user-"):
                failed[account.user] = error
            raise

    replace(Calls, "_asked", careless)


@mistake(fails="failures.unresolved", production="unreachable")
def a_name_without_an_address_is_unexpected() -> None:
    """That the service's host has no address ends in a crash."""
    _crashing(lambda error, _: "[Errno -" in str(error))  # getaddrinfo's errors are negative


@mistake(fails="failures.unresolved-others")
def services_are_looked_up_for_everybody() -> None:
    """Who connects is sent upstream once the service's host is found."""
    authorize = Connections.authorize

    async def careless(self: Connections, account: Any) -> str:
        host = urlsplit(account.server.url).hostname
        await asyncio.get_running_loop().getaddrinfo(host, None)
        return await authorize(self, account)

    replace(Connections, "authorize", careless)
