"""What sends VS Code's requests: Node's fetch on the desktop, a browser's on the web."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import httpx

from wiretape.recorder.log.urls import join
from wiretape.replay.conformance import cors
from wiretape.replay.conformance.driving.vscode.rules import MOST_FETCHES, carried, redirected

AGENT = "Visual Studio Code/1.139.1"

_NODE = {
    "Accept": "*/*",
    "Accept-Language": "*",
    "Sec-Fetch-Mode": "cors",
    "User-Agent": "node",
    "Accept-Encoding": "gzip, deflate",
}
"""Headers that Node's fetch adds, unless they are there."""

_FORBIDDEN = {"content-length", "host", "user-agent"}
"""Headers that a browser writes itself."""

type Fetch = Callable[[httpx.Request], Awaitable[httpx.Response]]
"""Sends one request; the body of the answer is still to be read, and to be closed."""


class BlockedError(Exception):
    """The browser does not let the page do this, or read the answer; says why."""


def by_node(http: httpx.AsyncClient) -> Fetch:
    """Send requests as they are, without cookies."""

    async def fetch(request: httpx.Request) -> httpx.Response:
        for name, value in _NODE.items():
            request.headers.setdefault(name, value)
        return await http.send(request, stream=True)

    return fetch


class Page:
    """Sends requests as a page of an origin: asked for beforehand, and read if it may."""

    def __init__(self, http: httpx.AsyncClient, site: str) -> None:
        self._http = http
        self._site = site
        self._allowed: set[tuple[str, str, tuple[str, ...]]] = set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises BlockedError."""
        method, url = request.method, str(request.url)
        kept = [each for each in request.headers.multi_items() if each[0] not in _FORBIDDEN]
        names = cors.asked_first(method, kept)
        if names is not None and (method, url, names) not in self._allowed:
            await self._ask_first(method, url, names)
            self._allowed.add((method, url, names))
        headers = [*kept, ("Origin", self._site)]
        answer = await self._http.send(
            httpx.Request(method, url, headers=headers, content=request.content or None),
            stream=True,
        )
        why = _unreadable(answer, self._site)
        if why:
            await answer.aclose()
            raise BlockedError(f"{method} {url}: {why}")
        hidden = [name for name in answer.headers if not cors.exposed(answer.headers, name)]
        for name in hidden:
            if name != "content-encoding":  # httpx reads it
                answer.headers.pop(name)
        return answer

    async def _ask_first(self, method: str, url: str, names: tuple[str, ...]) -> None:
        headers = {
            "Accept": "*/*",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(names),
            "Origin": self._site,
        }
        answer = await self._http.send(httpx.Request("OPTIONS", url, headers=headers))
        why = cors.refused(answer.status_code, answer.headers, self._site, method, names)
        if why:
            raise BlockedError(f"{method} {url}: {why}")


def _unreadable(answer: httpx.Response, site: str) -> str:
    if 300 <= answer.status_code < 400:
        return "a page cannot follow a redirect by hand"
    return "" if cors.shared(answer.headers, site) else "the answer does not allow the origin"


async def followed(
    fetch: Fetch, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
) -> httpx.Response:
    """Send a request and follow its redirects by hand; secrets do not go to other origins."""
    told = {**headers, "User-Agent": AGENT}
    for _ in range(MOST_FETCHES):
        answer = await fetch(httpx.Request(method, url, headers=told, content=content))
        location = answer.headers.get("location")
        following = redirected(method, answer.status_code, location)
        if following is None:
            break
        await answer.aclose()
        left, url = url, join(url, location)
        told = carried(told, left, url)
        if following != method:
            method, content = following, None
    return answer


@asynccontextmanager
async def read(answer: Awaitable[httpx.Response]) -> AsyncIterator[httpx.Response]:
    """Read an answer to its end."""
    found = await answer
    try:
        await found.aread()
        yield found
    finally:
        await found.aclose()
