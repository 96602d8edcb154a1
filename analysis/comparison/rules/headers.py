"""Headers that no client of MCP looks at: a service may have its own."""

from collections.abc import Iterator

from wiretape.analysis.comparison.rule import Judgement, Pair, Rule
from wiretape.analysis.comparison.values import listed, members, missing
from wiretape.analysis.finding import Finding


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    lost = missing(members(reference.value), members(subject.value))
    if lost:
        yield Judgement(
            id=pair.id,
            severity="cosmetic",
            title=f"Responses have no {listed(lost)}",
            why="Browsers heed these; no client of MCP is known to.",
            remedy="; ".join(
                f"`{name}: {value}`"
                for name in lost
                if isinstance(value := members(reference.value)[name], str)
            )
            or "None is needed.",
        )


RULE = Rule(
    title="Headers",
    gives=("headers.security",),
    judges=("headers.security",),
    judge=_judge,
    tolerates=(
        "headers.*.names",
        "headers.answers.*",
        "headers.caching",
        "headers.cdn",
        "headers.constant",
        "headers.duplicates",
        "headers.reporting",
        "headers.timing",
        "headers.tracing",
        "headers.varying",
    ),
)
