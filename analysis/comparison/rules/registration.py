"""Registration: whether a client that nobody knows can become known (RFC 7591)."""

from collections.abc import Iterator

from wiretape.analysis.comparison.rule import (
    EVERY_CLIENT,
    NOTHING_TO_MEND,
    Judgement,
    Pair,
    Rule,
    deviates,
)
from wiretape.analysis.comparison.values import missing, status, texts
from wiretape.analysis.finding import Finding

_ANSWER = "RFC 7591, section 3.2.1"
_CREATED = 201


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    match pair.id.removeprefix("registration."):
        case "status" if before != after:
            yield _status(status(before), status(after))
        case "fields":
            yield from _fields(missing(texts(before), texts(after)))
        case "client_secret" if before is True and after is False:
            yield _authentication("Registered clients get no secret")
        case "client_secret" if before is False and after is True:
            yield _authentication("Registered clients get a secret")
        case "auth_method" if before != after:
            yield _authentication(f"Clients are to authenticate by {after} instead of {before}")


def _status(before: int | None, after: int | None) -> Judgement:
    fails = (after or 0) >= 400
    return Judgement(
        id="registration.status",
        severity="breaking" if fails else "cosmetic",
        title=f"Registration is answered {after} instead of {before}",
        why="A client that is not registered by hand gets no further."
        if fails
        else deviates(_ANSWER)
        if after == _CREATED
        else "Clients take any 2xx.",
        remedy=NOTHING_TO_MEND if after == _CREATED else f"Status {_CREATED}",
        requirement=None if after == _CREATED else _ANSWER,
        clients=EVERY_CLIENT if fails else (),
    )


def _fields(lost: list[str]) -> Iterator[Judgement]:
    needed = [name for name in lost if name in {"client_id", "redirect_uris"}]
    if needed:
        yield Judgement(
            id="registration.fields",
            severity="breaking",
            title=f"Registration answers have no {' and no '.join(needed)}",
            why="The SDKs refuse an answer without what was registered.",
            remedy="Answer with client_id and all metadata that was registered.",
            requirement=_ANSWER,
            clients=EVERY_CLIENT,
        )


def _authentication(title: str) -> Judgement:
    return Judgement(
        id="registration.client-authentication",
        severity="cosmetic",
        title=title,
        why="Clients do as the registration answer says.",
        remedy='`"token_endpoint_auth_method": "none"`, for clients that cannot keep a secret',
        requirement=_ANSWER,
    )


RULE = Rule(
    title="Registration",
    gives=(
        "registration.client-authentication",
        "registration.fields",
        "registration.status",
    ),
    judges=("registration.*",),
    judge=_judge,
    tolerates=("registration.request", "registration.error.*"),
)
