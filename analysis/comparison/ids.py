"""Which ids differences can have, so that a typo is told from what does not differ any more."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache

from wiretape.analysis.comparison.rule import UPSTREAM, matches, rules
from wiretape.analysis.comparison.troubles import TOLD
from wiretape.analysis.observers import observers

_DIAGNOSES = "diagnoses."


def possible(id_: str, findings: Collection[str]) -> bool:
    """Whether a difference can have this id; findings that no rule speaks of lend it theirs."""
    bare = id_.removeprefix(UPSTREAM)
    return bare in findings or matches(bare, _given())


def nearest(id_: str, others: Iterable[str]) -> str | None:
    """Give the id that is most like one that no difference can have, if any is."""
    named = [each for each in _given() if "*" not in each]
    close = get_close_matches(id_.removeprefix(UPSTREAM), [*others, *named], n=1)
    return close[0] if close else None


@cache
def _given() -> tuple[str, ...]:
    troubles = (
        name.removeprefix(_DIAGNOSES) for name in observers() if name.startswith(_DIAGNOSES)
    )
    told = (TOLD.get(name, f"trouble.{name}") for name in troubles)
    return (*(each for rule in rules().values() for each in rule.gives), *told)
