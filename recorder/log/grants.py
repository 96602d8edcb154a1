"""Folds the OAuth exchanges of a recording into grants.

A grant is a lineage of token answers: the first came for an authorization code (or another grant
type), each later one for a refresh token that an earlier one of the same grant had given. Around it
stand the steps that led there: discovery, registration, authorization. Pseudonyms of equal secrets
are equal, so comparing texts is enough to follow them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec import UNSET, Struct

from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import Step, client_id, location, parameters, step
from wiretape.recorder.log.raw import fields, text, texts
from wiretape.recorder.log.urls import endpoint, origin, query


class Issue(Struct, frozen=True):
    """An answer of the token endpoint that gave an access token, and perhaps a refresh token."""

    exchange: Exchange
    access_token: str
    refresh_token: str | None


class Grant(Struct, frozen=True, kw_only=True):
    """A lineage of token answers with what led to it; numbered from 1 in a recording.

    `refused` are its token requests that got no token. `discovery` are the metadata documents asked
    for, found or not, at the servers involved: they are nobody's alone, so grants share them.
    """

    number: int
    client_id: str | None
    issues: tuple[Issue, ...]
    refused: tuple[Exchange, ...]
    discovery: tuple[Exchange, ...]
    registration: Exchange | None
    authorization: tuple[Exchange, ...]


@dataclass
class _Lineage:
    """A grant as it grows."""

    client_id: str | None
    code: str | None
    issues: list[Issue] = field(default_factory=list)
    refused: list[Exchange] = field(default_factory=list)

    @property
    def first(self) -> Exchange:
        """The token request that began it."""
        started = [*(issue.exchange for issue in self.issues), *self.refused]
        return min(started, key=lambda exchange: exchange.lines.request)


def grants(exchanges: Iterable[Exchange]) -> tuple[Grant, ...]:
    """Fold exchanges, in any order, into grants in the order of their first token requests."""
    steps: dict[Step, list[Exchange]] = {}
    for exchange in sorted(exchanges, key=lambda exchange: exchange.lines.request):
        if found := step(exchange):
            steps.setdefault(found, []).append(exchange)
    metadata = [*steps.get("resource metadata", ()), *steps.get("server metadata", ())]
    front = [*steps.get("authorization", ()), *steps.get("callback", ())]
    return tuple(
        Grant(
            number=number,
            client_id=lineage.client_id,
            issues=tuple(lineage.issues),
            refused=tuple(lineage.refused),
            discovery=_discovery(lineage.first.request.url, metadata),
            registration=_registration(lineage.client_id, steps.get("registration", ())),
            authorization=_authorization(lineage, front),
        )
        for number, lineage in enumerate(_lineages(steps.get("token", ())), 1)
    )


def _lineages(tokens: Iterable[Exchange]) -> list[_Lineage]:
    lineages: list[_Lineage] = []
    by_credential: dict[tuple[str, str | None], _Lineage] = {}
    for exchange in tokens:
        if exchange.status is not None and 300 <= exchange.status < 400:
            continue  # asked again where the redirect leads
        asked = parameters(exchange.request.body)
        name = "refresh_token" if "refresh_token" in asked else "code"
        credential = asked.get(name)
        lineage = by_credential.get((name, credential))
        if lineage is None or credential is None:
            lineage = _Lineage(client_id(exchange), asked.get("code"))
            lineages.append(lineage)
            by_credential[name, credential] = lineage
        answer = parameters(exchange.response.body if exchange.response else None)
        if access_token := answer.get("access_token"):
            refresh_token = answer.get("refresh_token")
            lineage.issues.append(Issue(exchange, access_token, refresh_token))
            by_credential["refresh_token", refresh_token] = lineage
        else:
            lineage.refused.append(exchange)
    return lineages


def _discovery(token_url: str, metadata: list[Exchange]) -> tuple[Exchange, ...]:
    involved = {origin(token_url)}
    documents = [
        (exchange, fields(exchange.response.body.json))
        for exchange in metadata
        if exchange.response and exchange.response.body and exchange.response.body.json is not UNSET
    ]
    for exchange, document in documents:  # RFC 8414, section 2
        if endpoint(text(document.get("token_endpoint")) or "") == endpoint(token_url):
            involved |= {origin(exchange.request.url), origin(text(document.get("issuer")) or "")}
    for exchange, document in documents:  # RFC 9728, section 2
        if not involved.isdisjoint(map(origin, texts(document.get("authorization_servers")))):
            involved.add(origin(exchange.request.url))
    return tuple(exchange for exchange in metadata if origin(exchange.request.url) in involved)


def _registration(client: str | None, registrations: Iterable[Exchange]) -> Exchange | None:
    for exchange in registrations:
        answer = parameters(exchange.response.body if exchange.response else None)
        if client is not None and answer.get("client_id") == client:
            return exchange
    return None


def _authorization(lineage: _Lineage, front: list[Exchange]) -> tuple[Exchange, ...]:
    """Find the steps that share a `state` with the code's arrival; else the client's last one."""
    before = [item for item in front if item.lines.request < lineage.first.lines.request]
    carried = [
        (item, query(item.request.url), query(location(item) or ""), parameters(item.request.body))
        for item in before
    ]
    states = {
        part["state"]
        for _, *parts in carried
        for part in parts
        if lineage.code is not None and part.get("code") == lineage.code and "state" in part
    }
    linked = [
        item for item, *parts in carried if any(part.get("state") in states for part in parts)
    ]
    of_client = [
        item
        for item, asked, *_ in carried
        if lineage.client_id is not None and asked.get("client_id") == lineage.client_id
    ]
    return tuple(linked or of_client[-1:])
