"""Refusals: whether a client that is not let in learns why, and where to authorize.

RFC 6750, section 3, wants a challenge in every refusal; clients begin to authorize on a 401.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import (
    EVERY_CLIENT,
    NOTHING_TO_MEND,
    Judgement,
    Pair,
    Rule,
    deviates,
)
from wiretape.analysis.comparison.values import member, members
from wiretape.analysis.finding import Finding

_JSON_BODIES = ("oauth-json", "json-rpc", "json")
_AT_MCP = {"mcp", "sse", "message"}


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    _, role, method, variant = pair.id.split(".", 3)
    before, after = reference.value, subject.value
    if member(before, "status") != member(after, "status"):
        yield _status(member(before, "status"), member(after, "status"), role)
        return
    yield from _challenge(before, after, pair, variant)
    if role in _AT_MCP:
        yield from _body(before, after, method)


def _status(before: JsonValue, after: JsonValue, role: str) -> Judgement:
    title = f"Refuses with {after} instead of {before}"
    if after == 401 and role in _AT_MCP:
        return Judgement(
            id=f"challenge.{role}.status",
            severity="cosmetic",
            title=title,
            why="Either will do: RFC 6750, section 3.1, has both."
            if before == 400
            else deviates("RFC 6750, section 3.1, which wants 401 for a token that will not do"),
            remedy=NOTHING_TO_MEND,
            about=("status",),
        )
    begins = before == 401 and role in _AT_MCP
    return Judgement(
        id=f"challenge.{role}.status",
        severity="breaking" if begins else "risky",
        title=title,
        why="Clients begin to authorize, or refresh their token, on a 401; anything else is an "
        "error to them, or a service that is not there."
        if begins
        else "Clients take the status to tell whether to authorize again or to give up.",
        remedy=f"Answer {before} where the reference does"
        + (", with `WWW-Authenticate: Bearer …`." if begins else "."),
        requirement="RFC 6750, section 3.1; RFC 9110, section 15.5.2",
        clients=EVERY_CLIENT if begins else (),
        about=("status",),
    )


def _challenge(
    before: JsonValue, after: JsonValue, pair: Pair, variant: str
) -> Iterator[Judgement]:
    given, had = _bearer(after), _bearer(before)
    if had is None:
        return
    if given is None:
        yield _no_challenge(pair)
        return
    for name in ("resource_metadata", "error", "scope"):
        if name in had and name not in given:
            unasked = name == "error" and variant == "no token"
            yield _NO_ERROR if unasked else _lacks(name, had[name])
    if "error" in given and had.get("error", given["error"]) != given["error"]:
        yield Judgement(
            id="challenge.error",
            severity="risky",
            title=f"Calls it {given['error']} instead of {had['error']}",
            why="Clients refresh their token on invalid_token, and ask for more scope on "
            "insufficient_scope.",
            remedy=f'`WWW-Authenticate: Bearer error="{had["error"]}"`',
            requirement="RFC 6750, section 3.1",
            clients=("VS Code", "TypeScript SDK"),
            about=("raw",),
        )
    realm, other = given.get("realm"), had.get("realm")
    if realm != other:
        yield Judgement(
            id="challenge.realm",
            severity="cosmetic",
            title="The challenge names another realm",
            why="No client is known to read the realm of a Bearer challenge.",
            remedy=f'`WWW-Authenticate: Bearer realm="{other}"`' if other else "None is needed.",
            requirement="RFC 6750, section 3",
            about=("raw",),
        )


_NO_ERROR = Judgement(
    id="challenge.error-without-token",
    severity="cosmetic",
    title="The challenge to a request without a token has no error",
    why=deviates("RFC 6750, section 3.1, which wants no error where no token was sent"),
    remedy=NOTHING_TO_MEND,
    about=("raw",),
)


def _no_challenge(pair: Pair) -> Judgement:
    documents = [
        pair.others.subject.get(f"discovery.{kind}-metadata") for kind in ("server", "resource")
    ]
    found = any(200 in members(each.value).values() for each in documents if each is not None)
    return Judgement(
        id="challenge.missing",
        severity="risky" if found else "breaking",
        title="Refuses without a WWW-Authenticate header",
        why="Clients that look for the authorization server where the challenge says must guess; "
        "those that read error=invalid_token do not know that a refresh would help."
        if found
        else "There is no challenge and no metadata was found: no client can learn where to "
        "authorize.",
        remedy='`WWW-Authenticate: Bearer realm="OAuth", error="invalid_token"`, with '
        '`resource_metadata="…"` if there is such a document (RFC 9728).',
        requirement="RFC 9110, section 15.5.2; RFC 6750, section 3; MCP 2025-06-18, Authorization",
        clients=("VS Code", "TypeScript SDK", "Python SDK") if found else EVERY_CLIENT,
        about=("status", "raw"),
    )


def _lacks(name: str, value: JsonValue) -> Judgement:
    pointing = name == "resource_metadata"
    return Judgement(
        id=f"challenge.{name}",
        severity="risky",
        title=f"The challenge has no {name}",
        why="Clients must then guess where the resource's metadata is; not all do."
        if pointing
        else "Clients cannot tell a token that has expired from one that will never do."
        if name == "error"
        else "Clients do not learn which scope to ask for.",
        remedy='`WWW-Authenticate: Bearer resource_metadata="…/.well-known/'
        'oauth-protected-resource…"`'
        if pointing
        else f'`WWW-Authenticate: Bearer {name}="{value}"`',
        requirement="RFC 9728, section 5.1; MCP 2025-06-18, Authorization"
        if pointing
        else "RFC 6750, section 3",
        clients=("Python SDK", "TypeScript SDK", "VS Code"),
        about=("raw",),
    )


def _body(before: JsonValue, after: JsonValue, method: str) -> Iterator[Judgement]:
    had, has = member(before, "body_form"), member(after, "body_form")
    if had == has or had not in _JSON_BODIES:
        return
    remedy = (
        '`content-type: application/json`, and a body such as `{"error": "invalid_token", '
        '"error_description": "Missing or invalid access token"}`'
    )
    if has in _JSON_BODIES:
        yield Judgement(
            id=f"challenge.{method}.body-form",
            severity="cosmetic",
            title=f"Refuses {method} with a body of another form ({has}, the reference {had})",
            why="Clients read the status and the challenge; the body only tells people.",
            remedy=remedy,
            about=("body",),
        )
    else:
        yield Judgement(
            id=f"challenge.{method}.body-missing",
            severity="risky",
            title=f"Refuses {method} {'without a body' if has == 'empty' else f'with {has}'}",
            why="VS Code and whoever reads the error from the body finds none; some clients take "
            "an empty answer to a GET for the end of a stream.",
            remedy=remedy,
            clients=("VS Code", "Claude"),
            about=("media_type", "body"),
        )


def _bearer(value: JsonValue) -> dict[str, JsonValue] | None:
    """Give the parameters of the Bearer challenge, or of the first there is."""
    challenges = member(value, "challenges")
    found = [members(each) for each in challenges] if isinstance(challenges, list) else []
    bearers = [each for each in found if str(each.get("scheme")).lower() == "bearer"]
    return next((members(each.get("params")) for each in [*bearers, *found]), None)


RULE = Rule(
    title="Refusals without a good token",
    gives=(
        "challenge.*.body-form",
        "challenge.*.body-missing",
        "challenge.*.status",
        "challenge.error",
        "challenge.error-without-token",
        "challenge.missing",
        "challenge.realm",
        "challenge.resource_metadata",
        "challenge.scope",
    ),
    judges=("challenge.*.*.*",),
    judge=_judge,
)
