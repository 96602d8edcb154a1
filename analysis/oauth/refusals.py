"""OAuth errors: what was refused, and in which words.

RFC 6749, 4.1.2.1 and 5.2; RFC 7591, 3.2.2.
"""

import re
from collections.abc import Iterator
from zlib import crc32

import msgspec
from pydantic import JsonValue

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.concluding.values import brief
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.sides import Side
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters

_WORDINGS = 64
"""How many wordings of an error are told apart at most: some have an id or a time in them."""

_ERROR = re.compile(r"[a-z_]{1,40}", re.ASCII)


def refused(seen: Seen) -> Fact:
    """Note an error that came in the body of an answer."""
    error = parameters(seen.body).get("error")
    return _fact(error, seen, "body", brief(seen.body))


def redirected(seen: Seen, given: dict[str, str]) -> Fact:
    """Note an error that came in the parameters of a redirect."""
    told: JsonValue = {name: text for name, text in given.items() if name.startswith("error")}
    return _fact(given.get("error"), seen, "redirect", told)


def refusals(facts: Facts, side: Side, id_: str, title: str) -> Iterator[Finding]:
    """Find each error that was noted at this side's endpoints, as `<id>.<error>`."""
    errors = list(side.of(facts, "error"))
    for error in dict.fromkeys(error for (error, _), _ in errors):
        answers = [(tally.value, tally) for (named, _), tally in errors if named == error]
        yield from usual(f"{side.prefix}{id_}.{error}", f"{title}: {error}", answers)


def _fact(error: str | None, seen: Seen, way: str, said: JsonValue) -> Fact:
    """Tally errors by name and wording; the name goes into an id, so it must be one."""
    named = error if error and _ERROR.fullmatch(error) else "unnamed"
    told = {"status": seen.status, way: said}
    words = crc32(msgspec.json.encode(told, order="sorted")) % _WORDINGS
    return Fact(("error", seen.route, named, words), told, keep=1)
