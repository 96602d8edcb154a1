"""Refreshing: whether a client keeps its grant for longer than one access token lives."""

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
from wiretape.analysis.finding import Finding

_REFRESH = "RFC 6749, section 6"


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    match pair.id.partition(".")[2]:
        case "encoding" if before == "form" != after:
            yield _encoding(after)
        case "rotates" if before != after:
            yield _rotates(after)
        case "immediate" if before is True and after is False:
            yield Judgement(
                id="refresh.immediate",
                severity="risky",
                title="A fresh token cannot be refreshed at once",
                why="Clients that refresh when they start, or long before the end, are refused and "
                "ask the user again.",
                remedy="Accept a refresh token from the moment it is issued.",
                requirement=_REFRESH,
                clients=("mcp-remote", "VS Code"),
            )
        case "old_token" if str(before).startswith("accepted") and after == "refused":
            yield _old_token(before)
        case "reuse" if before != after:
            yield _reuse(after)
        case "scope_kept" if before is True and after is False:
            yield Judgement(
                id="refresh.scope",
                severity="risky",
                title="A refresh changes the scope",
                why="What worked before the refresh is refused after it.",
                remedy="Without scope in the request, grant what was granted before.",
                requirement=_REFRESH,
                clients=EVERY_CLIENT,
            )


def _encoding(after: JsonValue) -> Judgement:
    return Judgement(
        id="refresh.encoding",
        severity="breaking",
        title=f"Refreshes are sent as {after} instead of as a form",
        why="An authorization server needs to read nothing but forms: it finds no grant_type, and "
        "the grant is lost when the access token ends.",
        remedy="`content-type: application/x-www-form-urlencoded`, body "
        "`grant_type=refresh_token&refresh_token=…&client_id=…`",
        requirement=f"{_REFRESH} and appendix B",
    )


def _rotates(after: JsonValue) -> Judgement:
    if after is True:
        return Judgement(
            id="refresh.rotation",
            severity="cosmetic",
            title="Refresh tokens are rotated",
            why=deviates("RFC 9700, section 4.14.2")
            + " A client that does not store the new one loses its grant at the second refresh; so "
            "do several processes that share one.",
            remedy="None is needed; accepting the previous refresh token until the newer one is "
            "used helps such clients.",
        )
    return Judgement(
        id="refresh.rotation",
        severity="cosmetic",
        title="Refresh tokens are not rotated",
        why="Clients go on with the one that they have; a stolen one stays good for longer.",
        remedy='Answer a refresh with a new `"refresh_token"`.',
        requirement="RFC 9700, section 4.14.2",
    )


def _old_token(before: JsonValue) -> Judgement:
    return Judgement(
        id="refresh.old-token",
        severity="risky",
        title="A refresh token is refused as soon as it was rotated",
        why=f"The reference leaves some grace ({before}): a client that lost the answer, or that "
        "runs twice, can try again. Here its user has to consent again.",
        remedy="Accept the previous refresh token until the newer one is first used.",
        clients=("mcp-remote", "Claude"),
    )


def _reuse(after: JsonValue) -> Judgement:
    if after == "revokes all":
        return Judgement(
            id="refresh.reuse",
            severity="risky",
            title="The use of an old refresh token ends the whole grant",
            why=deviates("RFC 9700, section 4.14.2")
            + " A client that runs twice, or tries again after an answer was lost, loses its newer "
            "tokens too: its user has to consent again.",
            remedy=NOTHING_TO_MEND,
            clients=("mcp-remote", "Claude"),
        )
    return Judgement(
        id="refresh.reuse",
        severity="cosmetic",
        title="The use of an old refresh token leaves the newer ones good",
        why="Whoever stole a refresh token and used it first keeps its grant.",
        remedy="Revoke all tokens of a grant when an old refresh token of it is used.",
        requirement="RFC 9700, section 4.14.2",
    )


RULE = Rule(
    title="Refresh",
    gives=(
        "refresh.encoding",
        "refresh.immediate",
        "refresh.old-token",
        "refresh.reuse",
        "refresh.rotation",
        "refresh.scope",
    ),
    judges=("refresh.*",),
    judge=_judge,
    tolerates=("refresh.parameters",),
    of_clients=("refresh.encoding",),
)
