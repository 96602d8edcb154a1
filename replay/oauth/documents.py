"""The documents by which clients find their way (RFC 9728, RFC 8414, OpenID Connect Discovery)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.analysis.profile.values import Metadata
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.http.messages import Reply, encoded, text
from wiretape.replay.http.origins import Origins, home

type Issuer = Literal["faithful", "consistent"]
type Place = tuple[str, str]
"""An origin that the profile knows, and a path there."""

_ELSEWHERE = " (another origin)"
_SERVER = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True)
class Document:
    """A place of metadata: its role, its status there, how it is served, what it says."""

    role: Literal["resource-metadata", "server-metadata"]
    status: int
    answer: Metadata | None
    says: JsonText | None


def places(profile: Profile) -> dict[Place, Document]:
    """Give the places of metadata that a profile knows, whether there is a document or not."""
    known = profile.discovery
    at, server = home(profile), issuer(profile)
    found: dict[Place, Document] = {}
    for spelt, status in (known.resource_metadata or {}).items():
        answer = (known.resource_metadata_answers or {}).get(spelt)
        says = known.resource_metadata_document
        found[_place(spelt, at, at)] = Document("resource-metadata", status, answer, says)
    statuses = known.server_metadata or {}
    if not statuses and known.server_metadata_document is not None and server is not None:
        statuses = {f"{origin(server)}{_SERVER}{path(server).rstrip('/')}": 200}
    for spelt, status in statuses.items():
        answer = (known.server_metadata_answers or {}).get(spelt)
        says = known.server_metadata_document
        elsewhere = origin(server) if server else at
        found[_place(spelt, at, elsewhere)] = Document("server-metadata", status, answer, says)
    return found


def issuer(profile: Profile) -> str | None:
    """Give the issuer that the profile's server metadata names."""
    found = metadata(profile).get("issuer")
    return found if isinstance(found, str) else None


def metadata(profile: Profile) -> Mapping[str, Any]:
    """Give the server metadata that the profile knows; empty if it knows none."""
    return members(profile.discovery.server_metadata_document)


def told_issuer(profile: Profile, origins: Origins, mode: Issuer) -> str | None:
    """Give the issuer as documents here tell it: the one that answers and tokens must name."""
    named = issuer(profile)
    if named is None:
        return None
    if mode == "consistent":
        found = [
            _issuer_at(place)
            for place, document in places(profile).items()
            if document.role == "server-metadata" and document.status == 200
        ]
        named = named if named in found or not found else found[0]
    return origins.rewritten(named)


def served(document: Document, place: Place, origins: Origins, mode: Issuer) -> Reply:
    """Give a document, as it is found at this place."""
    answer = document.answer or Metadata()
    caching = (("cache-control", answer.cache_control),) if answer.cache_control else ()
    if document.status != 200 or answer.body is not None:
        return text(document.status, answer.body or "Not Found").having(*caching)
    says = answer.document or document.says
    if says is None:
        return text(404, "Not Found")
    told: Any = says.value
    if document.role == "server-metadata" and mode == "consistent" and isinstance(told, dict):
        told = {**told, "issuer": _issuer_at(place)}
    body = origins.rewritten(encoded(told).decode()).encode()
    media_type = answer.media_type or "application/json"
    return Reply(200, (("content-type", media_type), *caching), body)


def _issuer_at(place: Place) -> str:
    """Give the issuer whose metadata may be at a place (RFC 8414, 3.1 and 3.3)."""
    site, where = place
    for name in (_SERVER, "/.well-known/openid-configuration"):
        if where.startswith(name):
            return site + where.removeprefix(name)
        if where.endswith(name):
            return site + where.removesuffix(name)
    return site


def _place(spelt: str, at: str, elsewhere: str) -> Place:
    if urlsplit(spelt).scheme:
        return origin(spelt), path(spelt)
    if spelt.endswith(_ELSEWHERE):
        return elsewhere, spelt.removesuffix(_ELSEWHERE)
    return at, spelt
