"""The metadata documents: where they are, what they say, and whether they fit where they are.

A protected resource's (RFC 9728) names the resource and its authorization servers; an authorization
server's (RFC 8414, or OpenID Connect Discovery 1.0) names its issuer and its endpoints. The issuer
must be what the document's URL was made from (RFC 8414, 3.3), and so must the resource (RFC 9728,
3.3).
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import UNSET, Raw
from pydantic import JsonValue

from wiretape.analysis.concluding.values import brief, value
from wiretape.analysis.facts import KEPT, Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.issuers import made_from, same
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.raw import fields, text, texts
from wiretape.recorder.log.urls import endpoint, origin, path

_KINDS = {"resource metadata": "resource-metadata", "server metadata": "server-metadata"}
_NAMES = {
    "resource-metadata": "protected-resource metadata",
    "server-metadata": "authorization-server metadata",
}
_ELSEWHERE = " (another origin)"


def _exchange(seen: Seen) -> Iterator[Fact]:
    kind = _KINDS.get(seen.step or "")
    if kind is None or seen.method != "GET" or seen.status is None:
        return
    url, document = endpoint(seen.url), _told(seen)
    body = None if document else brief(seen.body)
    answer = _Answer(
        media_type=(seen.given.get("content-type") or "").partition(";")[0].strip().lower(),
        cache_control=seen.given.get("cache-control"),
        body=json.dumps(body) if isinstance(body, int | float) else body,
    )
    yield Fact(("asked", kind, url, seen.status), answer)
    if document is not None:
        yield Fact(("document", kind, url, document))


def _told(seen: Seen) -> bytes | None:
    """Give the document, if it was told."""
    body = seen.body
    if seen.status != 200 or body is None or body.json is UNSET or not fields(body.json):
        return None
    return bytes(body.json)


class _Answer(NamedTuple):
    """What is told where a document was asked for; a body that is no document as a brief value,
    or as text if it is neither an object nor an array."""

    media_type: str
    cache_control: str | None
    body: JsonValue


class _Document(NamedTuple):
    """A metadata document, where it was found, and its members that are URLs."""

    kind: str
    url: str
    content: Raw
    tally: Tally

    @property
    def links(self) -> dict[str, tuple[str, ...]]:
        """Its members that say where something is."""
        found = {}
        for name, raw in fields(self.content).items():
            single = text(raw)
            told = texts(raw) if name == "authorization_servers" else (single,) if single else ()
            if name in _LINKS or name.endswith("_endpoint"):
                found[name] = told
        return found


_LINKS = frozenset({"issuer", "resource", "authorization_servers", "jwks_uri"})
_IDENTIFIERS = {"resource-metadata": "resource", "server-metadata": "issuer"}


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    home = {origin(route) for route in (*scene.routes("mcp"), *scene.routes("sse"))}
    documents = [
        _Document(kind, url, Raw(content), tally)
        for (kind, url, content), tally in facts.of("document")
    ]
    for kind in _NAMES:
        yield from _paths(kind, facts, home)
        alike = [document for document in documents if document.kind == kind]
        yield from _document(kind, alike, home)
        yield from _answers(kind, facts, alike, home)
        yield from _matches(kind, alike)
    yield from _cross_origin(documents)


def _paths(kind: str, facts: Facts, home: set[str]) -> Iterator[Finding]:
    """Find what each place answers; of several statuses the one that was seen most."""
    statuses: dict[str, dict[int, Tally]] = {}
    for (url, status), tally in facts.of("asked", kind):
        elsewhere = home and origin(url) not in home
        statuses.setdefault(path(url) + (_ELSEWHERE if elsewhere else ""), {})[status] = tally
    if statuses:
        yield Finding(
            id=f"discovery.{kind}",
            title=f"Where {_NAMES[kind]} was asked for, and the status",
            value={
                where: max(seen, key=lambda status: seen[status].count)
                for where, seen in sorted(statuses.items())
            },
            count=sum(tally.count for seen in statuses.values() for tally in seen.values()),
            evidence=_evidence(tally for seen in statuses.values() for tally in seen.values()),
        )


def _ranked(documents: list[_Document], home: set[str]) -> list[_Document]:
    """Put the document of the MCP server's own origin first, or else what was seen first."""
    return sorted(documents, key=lambda each: home and origin(each.url) not in home)


def _document(kind: str, documents: list[_Document], home: set[str]) -> Iterator[Finding]:
    ranked = _ranked(documents, home)
    if ranked:
        first, *rest = ranked
        others = sorted({each.url for each in rest})[:KEPT]
        yield Finding(
            id=f"discovery.{kind}.document",
            title=f"The {_NAMES[kind]}",
            value=value(first.content),
            count=first.tally.count,
            evidence=first.tally.places,
            note=f"found at {first.url}" + (f"; others at {', '.join(others)}" if others else ""),
        )


def _answers(
    kind: str, facts: Facts, documents: list[_Document], home: set[str]
) -> Iterator[Finding]:
    """Find how each place answers, in its usual status, and with which document if not the first.

    Those at other origins are told by their URLs.
    """
    usual: dict[str, Tally] = {}
    for (url, _), tally in facts.of("asked", kind):
        if url not in usual or tally.count > usual[url].count:
            usual[url] = tally
    first, *others = [value(each.content) for each in _ranked(documents, home)] or [None]
    own = {each.url: value(each.content) for each in reversed(documents)}
    told: dict[str, JsonValue] = {}
    for url, tally in usual.items():
        answer: _Answer = tally.value
        parts: dict[str, JsonValue] = {
            "media_type": answer.media_type or None,
            "cache_control": answer.cache_control,
            "body": answer.body,
            "document": own[url] if others and url in own and own[url] != first else None,
        }
        where = url if home and origin(url) not in home else path(url)
        if any(part is not None for part in parts.values()):
            told[where] = {name: part for name, part in parts.items() if part is not None}
    if told:
        yield Finding(
            id=f"discovery.{kind}.answers",
            title=f"How {_NAMES[kind]} is answered where it was asked for",
            value=dict(sorted(told.items())),
            count=sum(tally.count for tally in usual.values()),
            evidence=_evidence(usual.values()),
        )


def _matches(kind: str, documents: list[_Document]) -> Iterator[Finding]:
    """Find whether documents name what their URLs were made from."""
    member = _IDENTIFIERS[kind]
    told = [(each, "".join(each.links.get(member, ()))) for each in documents]
    wrong = [(each, name) for each, name in told if not _fits(each, name)]
    if told:
        note = "; ".join(f"{each.url} tells {name or 'none'}" for each, name in wrong[:KEPT])
        yield Finding(
            id=f"discovery.{member}_matches",
            title=f"Whether `{member}` is what the document's URL was made from",
            value=not wrong,
            count=len(wrong or told),
            evidence=_evidence(each.tally for each, _ in wrong or told),
            note=note or None,
        )


def _fits(document: _Document, name: str) -> bool:
    """Tell whether it may name that; MCP lets a resource's document be at the origin's root."""
    expected = made_from(document.url)
    at_root = document.kind == "resource-metadata" and same(expected, origin(expected))
    return same(name, expected) or (at_root and same(origin(name), expected))


def _cross_origin(documents: list[_Document]) -> Iterator[Finding]:
    away = {
        name: (each, url)
        for each in documents
        for name, urls in each.links.items()
        for url in urls
        if origin(url) != origin(each.url)
    }
    if documents:
        yield Finding(
            id="discovery.cross_origin",
            title="Metadata whose URLs are on another origin than the document",
            value=[*sorted(away)],
            count=len(documents),
            evidence=_evidence(each.tally for each in documents),
            note="; ".join(f"{name}: {url}" for name, (_, url) in sorted(away.items())) or None,
        )


def _evidence(tallies: Iterable[Tally]) -> tuple[Place, ...]:
    return tuple(sorted({tally.first.place for tally in tallies}))[:KEPT]


EXTRACTOR: Extractor = Extractor(
    title="Discovery", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
