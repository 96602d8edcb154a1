"""The authorization request and its answer (RFC 6749, section 4.1).

What is asked for depends on the client, and on what the service's metadata told it.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import EVERY_CLIENT, Judgement, Pair, Rule
from wiretape.analysis.comparison.values import listed, missing, status, texts
from wiretape.analysis.finding import Finding

_OFFLINE = "offline_access"
_FEWER = {None: 0, "plain": 1, "S256": 2}


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    match pair.id.removeprefix("authorization."):
        case "pkce" if _strength(after) < _strength(before):
            yield Judgement(
                id="authorization.pkce",
                severity="risky",
                title=f"Authorization is asked for with PKCE {after or 'left out'}, not {before}",
                why="Authorization servers for MCP refuse requests without a challenge, and many "
                "refuse plain ones.",
                remedy="`code_challenge=…&code_challenge_method=S256`",
                requirement="RFC 7636, section 4.2; MCP 2025-11-25, Authorization",
            )
        case "state" if before is True and after is False:
            yield Judgement(
                id="authorization.state",
                severity="risky",
                title="Authorization is asked for without state",
                why="The answer cannot be told from one that somebody else has begun.",
                remedy="`state=…` in the request, compared when it comes back",
                requirement="RFC 6749, section 10.12",
            )
        case "resource" if before is True and after is False:
            yield Judgement(
                id="authorization.resource",
                severity="cosmetic",
                title="Authorization is asked for without naming the resource",
                why="The token may be good elsewhere; the server compared with does not insist.",
                remedy="`resource=` with the MCP endpoint's URL",
                requirement="RFC 8707, section 2; MCP 2025-06-18, Authorization",
            )
        case "offline_access" if before is True and after is False:
            yield Judgement(
                id="scope.offline-access-missing",
                severity="risky",
                title="offline_access is not asked for",
                why="That scope asks for the refresh token: without one the user has to consent "
                "again when the access token ends.",
                remedy="Add offline_access to the default scopes, and to scopes_supported.",
                requirement="OpenID Connect Core 1.0, section 11",
                clients=("VS Code", "mcp-remote", "Claude"),
            )
        case "scope" if lost := [each for each in _lost(before, after) if each != _OFFLINE]:
            yield Judgement(
                id="scope.not-asked-for",
                severity="cosmetic",
                title=f"Scope not asked for: {listed(lost)}",
                why="What needs that scope will be refused.",
                remedy=f"Add {' '.join(lost)} to scopes_supported.",
                requirement="RFC 6749, section 3.3",
            )
        case "status":
            yield from _status(status(before), status(after))
        case "answer":
            yield from _answer(_lost(before, after))


def _strength(method: JsonValue) -> int:
    return _FEWER.get(method, 0) if isinstance(method, str | None) else 0


def _lost(before: JsonValue, after: JsonValue) -> list[str]:
    return missing(texts(before), texts(after))


def _status(before: int | None, after: int | None) -> Iterator[Judgement]:
    fails = (after or 0) >= 400 > (before or 400)
    repeats = after in {307, 308} and before not in {307, 308}
    if fails or repeats:
        yield Judgement(
            id="authorization.status",
            severity="breaking" if fails else "risky",
            title=f"Authorization is answered {after} instead of {before}",
            why="The user gets no further."
            if fails
            else "A browser repeats a form that it has posted, with what the user typed.",
            remedy=f"Status {before} with `location: {{redirect_uri}}?code=…&state=…`",
            requirement="RFC 6749, section 4.1.2; RFC 9700, section 4.12",
            clients=EVERY_CLIENT if fails else (),
        )


def _answer(lost: list[str]) -> Iterator[Judgement]:
    for name in lost:
        if name in {"code", "state"}:
            yield Judgement(
                id=f"authorization.answer.{name}",
                severity="breaking",
                title=f"The answer to an authorization request has no {name}",
                why="Clients refuse an answer without it.",
                remedy="`location: {redirect_uri}?code=…&state=…`, the state as it was sent",
                requirement="RFC 6749, section 4.1.2",
                clients=EVERY_CLIENT,
            )
        elif name == "iss":
            yield Judgement(
                id="authorization.answer.iss",
                severity="risky",
                title="The answer to an authorization request does not name the issuer",
                why="Clients that talk to several servers cannot tell whose answer it is.",
                remedy="`location: {redirect_uri}?code=…&state=…&iss={issuer}`",
                requirement="RFC 9207, section 2",
                clients=("Python SDK", "TypeScript SDK"),
            )


RULE = Rule(
    title="Authorization",
    gives=(
        "authorization.answer.code",
        "authorization.answer.iss",
        "authorization.answer.state",
        "authorization.pkce",
        "authorization.resource",
        "authorization.state",
        "authorization.status",
        "scope.not-asked-for",
        "scope.offline-access-missing",
    ),
    judges=("authorization.*",),
    judge=_judge,
    tolerates=(
        "authorization.error.*",
        "authorization.parameters",
        "authorization.redirect_uri",
    ),
    of_clients=(
        "authorization.offline_access",
        "authorization.pkce",
        "authorization.resource",
        "authorization.state",
    ),
)
