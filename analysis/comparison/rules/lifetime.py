"""Lifetimes: how often a client must renew its token, and whether it is told rightly when."""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import EVERY_CLIENT, Judgement, Pair, Rule
from wiretape.analysis.comparison.values import number
from wiretape.analysis.finding import Finding

_SHORT = 60.0
_ABOUT_EQUAL = 60.0
"""Seconds: a service that wraps another's tokens lets its own end a little earlier."""


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    if pair.id == "token.lifetime":
        yield from _advertised(number(reference.value), number(subject.value))
    elif _ends_early(subject, pair.others.subject.get("token.lifetime")) and not _ends_early(
        reference, pair.others.reference.get("token.lifetime")
    ):
        yield Judgement(
            id="token.lifetime.early-end",
            severity="breaking",
            title="Tokens are refused before the time that was told",
            why="Clients that trust expires_in do not refresh in time, and their calls fail.",
            remedy='`"expires_in"`: as many seconds as the token is accepted',
            requirement="RFC 6749, section 5.1",
            clients=EVERY_CLIENT,
        )


def _advertised(before: float | None, after: float | None) -> Iterator[Judgement]:
    if before is None or after is None or before == after:
        return
    remedy = f'`"expires_in": {before:g}`'
    if after < _SHORT <= before:
        yield Judgement(
            id="token.lifetime",
            severity="risky",
            title=f"Access tokens live for {after:g} s instead of {before:g} s",
            why="Clients that refresh a minute before the end refresh before every call, or take "
            "the token for expired when they get it.",
            remedy=f"{remedy}, or a minute less than the token that is wrapped",
            clients=("VS Code", "mcp-remote", "Python SDK"),
        )
    elif not 0 <= before - after <= _ABOUT_EQUAL:
        yield Judgement(
            id="token.lifetime",
            severity="cosmetic",
            title=f"Access tokens live for {after:g} s instead of {before:g} s",
            why="Clients refresh more often."
            if after < before
            else "Clients refresh less often; a stolen token stays good for longer.",
            remedy=remedy,
        )


def _ends_early(observed: Finding, advertised: Finding | None) -> bool:
    told: JsonValue = None if advertised is None else advertised.value
    seconds = number(told)
    return seconds is not None and observed.high is not None and observed.high < seconds - 1


RULE = Rule(
    title="Lifetime of tokens",
    gives=(
        "token.lifetime",
        "token.lifetime.early-end",
    ),
    judges=("token.lifetime", "token.lifetime.observed"),
    judge=_judge,
    tolerates=("token.lifetime.claimed",),
)
