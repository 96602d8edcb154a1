"""The metadata documents: where they are, what they say, and whether they fit where they are.

A protected resource's (RFC 9728) names the resource and its authorization servers; an authorization
server's (RFC 8414, or OpenID Connect Discovery 1.0) names its issuer and its endpoints. The issuer
must be what the document's URL was made from (RFC 8414, 3.3), and so must the resource (RFC 9728,
3.3).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import UNSET, Raw

from wiretape.analysis.facts import KEPT, Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.analysis.values import value
from wiretape.recorder.log.raw import fields, text, texts
from wiretape.recorder.log.urls import endpoint, origin, path

_KINDS = {"resource metadata": "resource-metadata", "server metadata": "server-metadata"}
_NAMES = {
    "resource-metadata": "protected-resource metadata",
    "server-metadata": "authorization-server metadata",
}
_WELL_KNOWN = "/.well-known/"
_ELSEWHERE = " (another origin)"


def _exchange(seen: Seen) -> Iterator[Fact]:
    kind = _KINDS.get(seen.step or "")
    if kind is None or seen.method != "GET" or seen.status is None:
        return
    url, body = endpoint(seen.url), seen.body
    yield Fact(("asked", kind, url, seen.status))
    if seen.status == 200 and body is not None and body.json is not UNSET and fields(body.json):
        yield Fact(("document", kind, url, bytes(body.json)))


class _Document(NamedTuple):
    """A metadata document, where it was found, and its members that are URLs."""

    kind: str
    url: str
    content: Raw
    tally: Tally

    @property
    def expected(self) -> str:
        """The identifier that its URL was made from (RFC 8414, 3; RFC 9728, 3; OIDC, 4)."""
        start, _, rest = self.url.partition(_WELL_KNOWN)
        return start + "".join(rest.partition("/")[1:])

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


def _document(kind: str, documents: list[_Document], home: set[str]) -> Iterator[Finding]:
    """Find the document of the MCP server's own origin, or else the first."""
    ranked = sorted(documents, key=lambda each: home and origin(each.url) not in home)
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


def _matches(kind: str, documents: list[_Document]) -> Iterator[Finding]:
    """Find whether documents name what their URLs were made from, but for a closing slash."""
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
    expected = document.expected.rstrip("/")
    at_root = document.kind == "resource-metadata" and expected == origin(expected)
    return name.rstrip("/") == expected or (at_root and origin(name) == expected)


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
