"""The same header twice in one request, in two spellings such as `accept` and `Accept`.

Header names ignore case (RFC 9110, section 5.1), dictionaries do not: what an SDK sets in lower
case and a program in title case goes out twice. Of a header that is not a list only one may be
sent (section 5.3); servers refuse it, or take the first or the last.
"""

from collections.abc import Iterator
from functools import lru_cache

from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.evidence import quote, shown
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.counted import counted

_MANY = 8


@lru_cache(maxsize=4096)
def _twice(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give the spellings of the names that come in more than one."""
    spellings: dict[str, set[str]] = {}
    for name in names:
        spellings.setdefault(name.lower(), set()).add(name)
    found = sorted(name for several in spellings.values() if len(several) > 1 for name in several)
    return tuple(found[:_MANY])


def _exchange(seen: Seen) -> Iterator[Fact]:
    if names := _twice(seen.sent.names):
        refused = seen.status is not None and seen.status >= 400
        yield Fact(("twice", refused), (seen.evidence, names, seen.route, seen.status))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    tally = facts.get("twice", True) or facts.get("twice", False)
    if tally is None:
        return
    _, names, route, status = tally.value
    refused = facts.get("twice", True) is not None
    confidence: Confidence = "likely" if refused else "possible"
    yield Diagnosis(
        id="header_in_two_spellings",
        title="A header is sent twice, in two spellings",
        seen=f"{counted(tally.count, 'request')}, such as to {route}, with "
        f"{quote(', '.join(names))}; answered {status or 'not at all'}.",
        cause="Header names were put into a dictionary that tells their case apart: an SDK sets "
        "them in lower case, and the program adds its own in another.",
        remedy="Leave Accept and Content-Type to the SDK, or set headers in the SDK's spelling or "
        "in a mapping that ignores case, so that yours replace the SDK's.",
        confidence=confidence,
        evidence=shown(tally),
        source="RFC 9110, sections 5.1 and 5.3",
    )


DIAGNOSIS = Observer[Diagnosis](
    title="Header in two spellings",
    wants=frozenset({"any"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
