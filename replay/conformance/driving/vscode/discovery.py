"""How VS Code finds who authorizes: who is named, else the site itself, with metadata or not."""

from collections.abc import Mapping
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


async def discovered(
    fetch: Fetch, url: str, refusal: httpx.Response, own: Mapping[str, str]
) -> Place:
    """Find out who authorizes for the server at a URL that has refused a request.

    The `own` headers, which the user has configured, go to that server's origin only.
    """
    at_home = {**own, "MCP-Protocol-Version": LATEST}
    said = rules.challenged(refusal.headers.get_list("www-authenticate"))
    site = origin(url)
    resource = None
    for at, of in rules.resource_documents(url, said.resource_metadata):
        found = await _document(fetch, at, at_home if origin(at) == site else {})
        if rules.is_of(found, of):
            resource = found
            break
    scopes = said.scopes
    if scopes is None and resource is not None and "scopes_supported" in resource:
        scopes = tuple(resource["scopes_supported"])
    named = _first((resource or {}).get("authorization_servers"))
    server = named or site
    for at in rules.server_documents(server):
        found = await _document(fetch, at, {} if named else at_home)
        if rules.is_server(found):
            return Place(server, found, resource, scopes)
    return Place(site, rules.usual_server(site), resource, scopes)


def _first(said: Any) -> str | None:
    return said[0] if isinstance(said, list) and said and isinstance(said[0], str) else None


async def _document(fetch: Fetch, url: str, headers: Mapping[str, str]) -> Any:
    """Fetch JSON; None if there is none."""
    headers = {"Accept": "application/json", **headers}
    try:
        async with read(followed(fetch, "GET", url, headers)) as answer:
            return answer.json() if answer.status_code == 200 else None
    except (BlockedError, httpx.HTTPError, ValueError):
        return None
