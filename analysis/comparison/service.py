"""Which part of a recording is about the service compared, and which about what stands behind it.

A bridge is recorded with both its sides: what its clients say to it, and what it says, as a client,
to the service upstream. The service compared is the one whose MCP endpoint was spoken to first,
which is what clients do before anything else; to it belong the origins that its metadata names
(RFC 9728, section 3.2; RFC 8414, section 2). Other origins that play a role in MCP or OAuth are
upstream.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from wiretape.analysis.analyse import Analysis
from wiretape.analysis.comparison.values import member, texts
from wiretape.recorder.log.urls import origin

_MCP = {"mcp", "sse", "message"}
_NOT_THE_SERVICE = {"callback", "other"}
_LINKS = ("issuer", "authorization_endpoint", "token_endpoint", "registration_endpoint")


@dataclass(frozen=True)
class Origins:
    """The origins of a recording: the service's, that of its MCP endpoint first; and upstream's."""

    service: tuple[str, ...]
    upstream: tuple[str, ...] = ()


def origins(analysis: Analysis, chosen: Collection[str] = ()) -> Origins:
    """Tell the service's origins from others.

    Of several services it is one whose origin was `chosen`, or else the one spoken to first.
    """
    roles = analysis.scene.roles.items()
    places = _origins(route for route, role in roles if role not in _NOT_THE_SERVICE)
    spoken = _origins(route for route, role in roles if role in _MCP)
    home = next((place for place in spoken if place in chosen), next(iter(spoken), None))
    if home is None:
        return Origins(places)
    named = {home, *_named(analysis)}
    if len(named) == 1 and home not in _origins(analysis.scene.routes("token")):
        named |= {place for place in places if place not in spoken}  # nothing tells whose they are
    service = dict.fromkeys(
        [home, *(each for each in places if each in named or _same(each, home))]
    )
    return Origins(tuple(service), tuple(place for place in places if place not in service))


def _same(one: str, other: str) -> bool:
    """Whether two origins differ in their scheme only, as where a redirect leads to http."""
    return one.partition("://")[2] == other.partition("://")[2]


def _origins(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(origin, urls)))


def _named(analysis: Analysis) -> tuple[str, ...]:
    """Give the origins that the service's metadata names."""
    found = {each.id: each.value for each in analysis.findings.get("discovery", ())}
    resource = found.get("discovery.resource-metadata.document")
    server = found.get("discovery.server-metadata.document")
    links = texts(member(resource, "authorization_servers"))
    return _origins([*links, *(link for name in _LINKS for link in texts(member(server, name)))])
