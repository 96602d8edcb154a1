"""What tokens and ids look like: shapes, and what tokens that are JWTs say of themselves.

The segments of tokens that one grant had one after the other show which parts a refresh changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic import JsonValue

from wiretape.analysis.facts import KEPT, Fact, Facts, Place, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth import jwt
from wiretape.analysis.oauth.shapes import Form, describe, form
from wiretape.analysis.oauth.sides import sides
from wiretape.analysis.oauth.tokens import Issue, issue, lineages, well_formed
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import location, parameters
from wiretape.recorder.log.urls import query

_TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})
_TOLD = frozenset({"alg", "typ", "cty", "enc", "iss", "aud", "scope", "scp", "token_type"})
"""Members that say how the service makes tokens, and not whose they are."""

_TYPES = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
}
_ABSENT = object()


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step is not None:
        yield from _oauth(seen)
    elif "mcp-session-id" not in seen.sent:  # later exchanges of a session show nothing new
        yield from _begun(seen)


def _begun(seen: Seen) -> Iterator[Fact]:
    if well_formed(seen.bearer) and 200 <= (seen.status or 0) < 300:
        yield Fact(("accepted", seen.bearer), keep=1)
    if session := seen.given.get("mcp-session-id"):
        yield Fact(("session", session), keep=1)
    if seen.stream is not None and seen.stream.first_name == "endpoint":
        for name, value in query(seen.stream.first_data or "").items():
            if "session" in name.lower():
                yield Fact(("session", value), keep=1)


def _oauth(seen: Seen) -> Iterator[Fact]:
    if found := issue(seen):
        yield Fact(("issued", seen.route, found.access, found.refresh), found, keep=1)
    asked, given = parameters(seen.request.body), parameters(seen.body)
    landed = query(location(seen.exchange) or "")
    for named in (asked, landed):
        if code := named.get("code"):
            yield Fact(("code", seen.route, code), keep=1)
    for named in (seen.parameters, given):
        if client := named.get("client_id"):
            yield Fact(("client", seen.route, client), keep=1)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    issued = {tally.value.access for _, tally in facts.of("issued")}
    for side in sides(scene):
        issues = {tally.value: tally for _, tally in side.of(facts, "issued")}
        access = {each.access: tally for each, tally in issues.items()}
        if side.own:
            found = facts.of("accepted")
            access |= {token: tally for (token,), tally in found if token not in issued}
            sessions = {token: tally for (token,), tally in facts.of("session")}
            yield from _shape("session_id.shape", "Shape of MCP session ids", sessions)
        yield from side.named(_tokens(issues, access))
        for kind, id_, title in (
            ("code", "code.shape", "Shape of authorization codes"),
            ("client", "client_id.shape", "Shape of client ids"),
        ):
            seen = {token: tally for (token,), tally in side.of(facts, kind)}
            yield from side.named(_shape(id_, title, seen))


def _tokens(issues: Mapping[Issue, Tally], access: Mapping[str, Tally]) -> Iterator[Finding]:
    grants = lineages(issues)
    refresh = {each.refresh: tally for each, tally in issues.items() if each.refresh}
    renewed = [[each.access for each in grant] for grant in grants]
    rotated = [[each.refresh for each in grant if each.refresh] for grant in grants]
    yield from _shape("token.access.shape", "Shape of access tokens", access, renewed)
    yield from _shape("token.refresh.shape", "Shape of refresh tokens", refresh, rotated)
    yield from _claims(access)


def _shape(
    id_: str, title: str, seen: Mapping[str, Tally], families: Iterable[Iterable[str]] = ()
) -> Iterator[Finding]:
    """Describe the tokens of the form that most of them have, or else that is used most."""
    forms: dict[Form, dict[str, int]] = {}
    for token, tally in seen.items():
        forms.setdefault(form(token), {})[token] = tally.count
    if not forms:
        return
    alike = max(forms.values(), key=lambda tokens: (len(tokens), sum(tokens.values())))
    rest = len(seen) - len(alike)
    yield Finding(
        id=id_,
        title=title,
        value=describe([*alike], families),
        count=len(alike),
        evidence=_evidence(seen, alike),
        note=f"{rest} of {len(seen)} are of another shape" if rest else None,
    )


def _claims(seen: Mapping[str, Tally]) -> Iterator[Finding]:
    """Describe what is in the tokens that are JWTs."""
    tokens = {}
    for token in seen:
        with suppress(jwt.JwtError):
            tokens[token] = jwt.read(token)
    if tokens:
        yield Finding(
            id="token.access.claims",
            title="Header and claims of access tokens",
            value={
                "header": _members([each.header for each in tokens.values()]),
                "claims": _members([each.claims or {} for each in tokens.values()]),
            },
            count=len(tokens),
            evidence=_evidence(seen, tokens),
        )


def _members(objects: Sequence[Mapping[str, JsonValue]]) -> JsonValue:
    """Describe the members that all have, or some: the type, and what is the same in all."""
    names = sorted({name for each in objects for name in each})
    return {name: _member(name, [each.get(name, _ABSENT) for each in objects]) for name in names}


def _member(name: str, values: Sequence[Any]) -> JsonValue:
    there = [value for value in values if value is not _ABSENT]
    found: dict[str, JsonValue] = {"type": _type(name, there[0])}
    if name in _TOLD and there.count(there[0]) == len(values):
        found["constant"] = there[0]
    if len(there) < len(values):
        found["optional"] = True
    return found


def _type(name: str, value: JsonValue) -> str:
    return "time" if name in _TIMES else _TYPES.get(type(value), "null")


def _evidence(seen: Mapping[str, Tally], tokens: Iterable[str]) -> tuple[Place, ...]:
    return tuple(sorted({seen[token].first.place for token in tokens}))[:KEPT]


EXTRACTOR: Extractor = Extractor(
    title="Token format",
    wants=frozenset({"oauth", "bearer", "mcp"}),
    exchange=_exchange,
    repeats="token",
    conclude=_findings,
)
