"""Tokens: what token answers say, and what tokens look like (RFC 6749, section 5.1).

Tokens are opaque to clients, so that their form is nobody's business.
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
from wiretape.analysis.comparison.values import listed, member, missing, number, texts
from wiretape.analysis.finding import Finding

_OFFLINE = "offline_access"
_LONG = 4096
_ANSWER = "RFC 6749, section 5.1"


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    if pair.id.endswith(".shape"):
        yield from _shape(before, after)
    elif pair.id.startswith("token.error."):
        yield from _error(pair.id.removeprefix("token.error."), before, after)
    elif pair.id == "token.type":
        yield from _type(before, after)
    elif pair.id == "token.scope":
        yield from _scope(before, after)
    elif pair.id == "token.answer.fields":
        yield from _fields(missing(texts(before), texts(after)))
    elif pair.id == "token.answer.cache_control":
        yield from _cache_control(before, after)
    elif pair.id == "token.encoding" and before == "form" != after:
        yield Judgement(
            id="token.encoding",
            severity="risky",
            title=f"Codes are exchanged as {after} instead of as a form",
            why="Authorization servers need to read nothing but forms.",
            remedy="`content-type: application/x-www-form-urlencoded`",
            requirement="RFC 6749, section 4.1.3 and appendix B",
        )


def _shape(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    kinds = member(before, "kind"), member(after, "kind")
    (least, most), (shortest, longest) = _lengths(before), _lengths(after)
    if longest > _LONG >= most:
        yield Judgement(
            id="token.long",
            severity="risky",
            title=f"Tokens of {longest} characters",
            why="A header that long is refused by many servers and proxies, which take 8 KB of "
            "headers or less.",
            remedy="Keep what the token wraps on the server, and give out a reference to it.",
            clients=EVERY_CLIENT,
        )
    if kinds[0] != kinds[1] or not least <= shortest <= longest <= most:
        yield Judgement(
            id="token.shape",
            severity="cosmetic",
            title="Tokens or ids look different",
            why="To clients they are opaque; what is in them, and how long they are, is up to the "
            "service.",
            remedy=NOTHING_TO_MEND,
        )


def _lengths(value: JsonValue) -> tuple[int, int]:
    """Give the least and the most characters that there were."""
    length = member(value, "length")
    told = length if isinstance(length, list) else [length]
    lengths = [int(number(each) or 0) for each in told] or [0]
    return min(lengths), max(lengths)


def _error(error: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    had, has = member(before, "status"), member(after, "status")
    title = f"The token endpoint answers {error} with {has} instead of {had}"
    wanted = (400, 401) if error == "invalid_client" else (400,)
    if had != has and has in wanted:
        yield Judgement(
            id=f"token.error.{error}",
            severity="cosmetic",
            title=title,
            why="Either will do."
            if had in wanted
            else deviates("RFC 6749, section 5.2, which wants 400"),
            remedy=NOTHING_TO_MEND,
            about=("status",),
        )
    elif had != has:
        yield Judgement(
            id=f"token.error.{error}",
            severity="risky",
            title=title,
            why="Clients that look at the status take it for another error, and do not authorize "
            "again.",
            remedy=f'Status {had if had in wanted else 400} with `{{"error": "{error}"}}`',
            requirement="RFC 6749, section 5.2",
            clients=("mcp-remote", "TypeScript SDK", "Python SDK"),
            about=("status",),
        )


def _type(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if before == after:
        return
    same = str(before).lower() == str(after).lower()
    yield Judgement(
        id="token.type",
        severity="cosmetic" if same else "breaking",
        title=f"The token type is {after}, not {before}",
        why="Case does not matter in a token type."
        if same
        else "A client must not use a token whose type it does not know.",
        remedy=NOTHING_TO_MEND if same else f'`"token_type": "{before}"`',
        requirement=None if same else f"{_ANSWER} and section 7.1",
        clients=() if same else EVERY_CLIENT,
    )


def _scope(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    lost = missing(texts(before), texts(after))
    if _OFFLINE in lost:
        lost.remove(_OFFLINE)
        yield Judgement(
            id="scope.offline-access-missing",
            severity="risky",
            title="offline_access is not granted",
            why="That scope stands for the refresh token: clients that see it missing do not "
            "expect one.",
            remedy="Add offline_access to the default scopes, to scopes_supported, and to the "
            "scope of token answers.",
            requirement="OpenID Connect Core 1.0, section 11; RFC 6749, section 3.3",
            clients=("VS Code", "mcp-remote", "Claude"),
        )
    if lost:
        yield Judgement(
            id="scope.missing",
            severity="risky",
            title=f"Scope not granted: {listed(lost)}",
            why="What a client does with that scope is refused.",
            remedy=f"Grant {' '.join(lost)}, or document why not.",
            requirement="RFC 6749, section 3.3",
        )


def _fields(lost: list[str]) -> Iterator[Judgement]:
    if "refresh_token" in lost:
        yield Judgement(
            id="token.refresh-token-missing",
            severity="breaking",
            title="Token answers have no refresh_token",
            why="When the access token ends the user is sent to consent again, in the middle of "
            "the work.",
            remedy='Answer with `"refresh_token"`, list it in `grant_types_supported`, and '
            "serve `grant_type=refresh_token`.",
            requirement=f"{_ANSWER} and section 6",
            clients=EVERY_CLIENT,
        )
    if "expires_in" in lost:
        yield Judgement(
            id="token.expires-in-missing",
            severity="risky",
            title="Token answers do not tell how long the token lives",
            why="Clients cannot refresh in time, but only after a call has failed.",
            remedy='`"expires_in"`: seconds',
            requirement=_ANSWER,
            clients=("Python SDK", "VS Code"),
        )
    if needed := [name for name in ("access_token", "token_type") if name in lost]:
        yield Judgement(
            id="token.fields-missing",
            severity="breaking",
            title=f"Token answers have no {listed(needed)}",
            why="Clients refuse an answer without the fields that it must have.",
            remedy=f"Add {listed(needed)}.",
            requirement=_ANSWER,
            clients=EVERY_CLIENT,
        )


def _cache_control(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if "no-store" in str(before) and "no-store" not in str(after):
        yield Judgement(
            id="token.cache-control",
            severity="cosmetic",
            title="Token answers may be cached",
            why="A cache on the way might keep tokens; answers to a POST are hardly ever kept.",
            remedy="`cache-control: no-store`",
            requirement=_ANSWER,
        )


RULE = Rule(
    title="Tokens",
    gives=(
        "scope.missing",
        "scope.offline-access-missing",
        "token.cache-control",
        "token.encoding",
        "token.error.*",
        "token.expires-in-missing",
        "token.fields-missing",
        "token.long",
        "token.refresh-token-missing",
        "token.shape",
        "token.type",
    ),
    judges=(
        "token.type",
        "token.scope",
        "token.answer.*",
        "token.encoding",
        "token.error.*",
        "token.access.shape",
        "token.refresh.shape",
        "code.shape",
        "client_id.shape",
        "session_id.shape",
    ),
    judge=_judge,
    tolerates=(
        "token.access.claims",
        "token.after_refresh",
        "token.client_auth",
        "token.clock_skew",
        "token.parameters",
    ),
    of_clients=("token.encoding",),
)
