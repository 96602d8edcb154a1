"""How VS Code finds who authorizes: by three ways, of which the last always leads somewhere."""

from dataclasses import dataclass
from typing import Any

import httpx

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.driving.vscode import rules
from wiretape.replay.conformance.driving.vscode.fetching import (
    BlockedError,
    Fetch,
    followed,
    read,
)

LATEST = "2025-11-25"


@dataclass(frozen=True)
class Place:
    """Who authorizes for a resource: the server by its URL, its metadata, the resource's.

    `scopes` are those that were asked for by a challenge, or the resource's.
    """

    url: str
    server: dict[str, Any]
    resource: dict[str, Any] | None = None
    scopes: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """By what registrations and tokens are kept."""
        return f"{self.url} {(self.resource or {}).get('resource', '')}"

    @property
    def scope(self) -> str:
        """The scope to ask for."""
        return rules.scopes(self.scopes, self.resource, self.server)


async def discovered(fetch: Fetch, url: str, refusal: httpx.Response) -> Place:
    """Find out who authorizes for the server at a URL that has refused a request."""
    said = rules.challenged(refusal.headers.get_list("www-authenticate"))
    site = origin(str(refusal.url))
    resource = None
    for at in rules.resource_documents(url, said.resource_metadata):
        found = await _document(fetch, at, origin(at) == origin(url))
        if rules.is_of(found, url):
            resource = found
            break
    servers = (resource or {}).get("authorization_servers") or [None]
    scopes = said.scopes
    if scopes is None and resource is not None and "scopes_supported" in resource:
        scopes = tuple(resource["scopes_supported"])
    tried = [servers[0]] if isinstance(servers[0], str) else []
    if not tried or origin(tried[0]) != site:
        tried.append(site)
    for server in tried:
        for at in rules.server_documents(server):
            found = await _document(fetch, at, origin(at) == site)
            if rules.is_server(found):
                return Place(server, found, resource, scopes)
    return Place(site, rules.usual_server(site), resource, scopes)


async def _document(fetch: Fetch, url: str, at_home: bool) -> Any:
    """Fetch JSON; None if there is none."""
    headers = {"Accept": "application/json"}
    if at_home:
        headers["MCP-Protocol-Version"] = LATEST
    try:
        async with read(followed(fetch, "GET", url, headers)) as answer:
            return answer.json() if answer.status_code == 200 else None
    except (BlockedError, httpx.HTTPError, ValueError):
        return None
