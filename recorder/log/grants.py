"""Folds the OAuth exchanges of a recording into grants.

A grant is a lineage of token answers: the first came for an authorization code (or another grant
type), each later one for a refresh token that an earlier one of the same grant had given. Around it
stand the steps that led there: discovery, registration, authorization. Pseudonyms of equal secrets
are equal, so comparing texts is enough to follow them.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial

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
        return min(started, key=_line)


def grants(exchanges: Iterable[Exchange]) -> tuple[Grant, ...]:
    """Fold exchanges, in any order, into grants in the order of their first token requests."""
    steps: dict[Step, list[Exchange]] = {}
    for exchange in sorted(exchanges, key=_line):
        if found := step(exchange):
            steps.setdefault(found, []).append(exchange)
    metadata = [*steps.get("resource metadata", ()), *steps.get("server metadata", ())]
    discovery = cache(partial(_discovery, metadata=metadata))
    registrations = _registrations(steps.get("registration", ()))
    front = _Front([*steps.get("authorization", ()), *steps.get("callback", ())])
    return tuple(
        Grant(
            number=number,
            client_id=lineage.client_id,
            issues=tuple(lineage.issues),
            refused=tuple(lineage.refused),
            discovery=discovery(endpoint(lineage.first.request.url)),
            registration=registrations.get(lineage.client_id),
            authorization=front.of(lineage),
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


def _discovery(token_endpoint: str, metadata: list[Exchange]) -> tuple[Exchange, ...]:
    involved = {origin(token_endpoint)}
    documents = [
        (exchange, fields(exchange.response.body.json))
        for exchange in metadata
        if exchange.response and exchange.response.body and exchange.response.body.json is not UNSET
    ]
    for exchange, document in documents:  # RFC 8414, section 2
        if endpoint(text(document.get("token_endpoint")) or "") == token_endpoint:
            involved |= {origin(exchange.request.url), origin(text(document.get("issuer")) or "")}
    for exchange, document in documents:  # RFC 9728, section 2
        if not involved.isdisjoint(map(origin, texts(document.get("authorization_servers")))):
            involved.add(origin(exchange.request.url))
    return tuple(exchange for exchange in metadata if origin(exchange.request.url) in involved)


def _registrations(exchanges: Iterable[Exchange]) -> dict[str | None, Exchange]:
    """Give the first registration that gave each client id."""
    found: dict[str | None, Exchange] = {}
    for exchange in exchanges:
        answer = parameters(exchange.response.body if exchange.response else None)
        if "client_id" in answer:
            found.setdefault(answer["client_id"], exchange)
    return found


class _Front:
    """The steps in the browser, found by what they carry."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._states: dict[str, set[str]] = {}
        self._by_state: dict[str, list[Exchange]] = {}
        self._by_client: dict[str, list[Exchange]] = {}
        for exchange in sorted(exchanges, key=_line):
            asked = query(exchange.request.url)
            redirected = query(location(exchange) or "")
            for part in (asked, redirected, parameters(exchange.request.body)):
                if "state" in part:
                    self._by_state.setdefault(part["state"], []).append(exchange)
                    self._states.setdefault(part.get("code", ""), set()).add(part["state"])
            if "client_id" in asked:
                self._by_client.setdefault(asked["client_id"], []).append(exchange)

    def of(self, lineage: _Lineage) -> tuple[Exchange, ...]:
        """Find the steps that share a `state` with the code's arrival; else the client's last."""
        end = _line(lineage.first)
        states = self._states.get(lineage.code, ()) if lineage.code else ()
        linked = {
            _line(item): item
            for state in states
            for item in self._by_state[state]
            if _line(item) < end
        }
        of_client = self._by_client.get(lineage.client_id or "", [])
        before = bisect_left(of_client, end, key=_line)
        return tuple(linked[line] for line in sorted(linked)) or tuple(of_client[:before][-1:])


def _line(exchange: Exchange) -> int:
    return exchange.lines.request
