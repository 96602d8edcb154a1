"""Where the replay listens in place of the origins that a profile names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.recorder.log.urls import origin

NOWHERE = "http://service.invalid"
"""The origin of a service whose profile names none (RFC 2606)."""

_LINKS = ("issuer", "jwks_uri", "resource", "authorization_servers")


@dataclass(frozen=True)
class Origins:
    """Local origins by the profile's."""

    local: Mapping[str, str]

    def rewritten(self, said: str) -> str:
        """Replace the profile's origins in a text."""
        return self._named.sub(lambda found: self.local[found[0]], said)

    def plain(self, site: str) -> str:
        """Give where the host of an origin is reached without TLS, or would be."""
        here = self.local.get(site, site)
        beside = self.local.get(f"http://{site.partition('://')[2]}", here)
        return beside.replace("https://", "http://", 1)

    @cached_property
    def _named(self) -> re.Pattern[str]:
        # What continues a host name or a port makes another origin of it.
        names = sorted(map(re.escape, self.local), key=len, reverse=True)
        return re.compile(f"(?:{'|'.join(names)})(?![\\w.:-])")


def home(profile: Profile) -> str:
    """Give the origin of the MCP endpoint."""
    found = profile.endpoints.mcp or profile.endpoints.sse
    return origin(found) if found else NOWHERE


def origins_of(profile: Profile) -> tuple[str, ...]:
    """Give the origins at which a service is, the MCP endpoint's first; what is no URL has none."""
    named = (found for found in _named(profile) if not found.endswith("://"))
    return tuple(dict.fromkeys((home(profile), *named)))


def _named(profile: Profile) -> Iterator[str]:
    for name, url in profile.endpoints:
        if url is not None and name != "message":
            yield origin(url)
    documents = (
        profile.discovery.server_metadata_document,
        profile.discovery.resource_metadata_document,
    )
    for document in documents:
        for url in _urls(document):
            yield origin(url)


def _urls(document: JsonText | None) -> Iterator[str]:
    """Give the members of a document that name a place of the service."""
    for name, value in members(document).items():
        if name in _LINKS or name.endswith("_endpoint"):
            named = value if isinstance(value, list) else [value]
            yield from (url for url in named if isinstance(url, str))
