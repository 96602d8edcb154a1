"""docs/checks.md: what is asked of each kind of target, from what the checks declare."""

from collections.abc import Iterable, Iterator

from wiretape.analysis.report.escaping import prose, sentence
from wiretape.replay.conformance.check import Check, Family
from wiretape.replay.conformance.families import TARGETS, checks, families

_HEAD = """\
# Checks

What `wiretape conform` asks of a target; `wiretape checks` lists the same. How to run them, and
what their verdicts mean, is in [conform.md](conform.md).

A failed MUST fails a run, a failed SHOULD warns. A `seed` was learnt from a failure in production,
and counts like a MUST. Those that judge any recording (`--recording`) have a ● after their id; the
others need the trial that is played for them.

<!-- Written by `make docs`. -->
"""


def page() -> str:
    """Write the page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    for target in TARGETS:
        yield f"\n## {target.capitalize()}\n\n{len(checks(target))} checks.\n"
        for family in families(target).values():
            yield from _family(family)


def _family(family: Family) -> Iterator[str]:
    yield f"\n### {sentence(family.title)}\n\n"
    yield from _table(("Check", "What is asked, and what to do", "Source"), family.checks)


def _table(head: tuple[str, ...], listed: Iterable[Check]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *map(_row, listed)):
        yield f"| {' | '.join(row)} |\n"


def _row(check: Check) -> tuple[str, ...]:
    name, url = prose(check.source.name), check.source.url
    source = f"[{name}](<{url}>)" if url else name
    return (
        f"`{check.id}`{' ●' if check.anywhere else ''}",
        f"{sentence(check.title)}<br>{sentence(check.remedy)}",
        f"{check.severity}: {source}",
    )
