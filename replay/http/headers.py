"""The headers of all responses: those that are constant, and those that vary.

Best known are the headers of a role's answers of a status and media type; else those that all
answers of the role have; else those that the role has at all. Which they are is found out once.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import formatdate
from functools import partial
from typing import NamedTuple

from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.values import Names
from wiretape.replay.http.messages import Headers, Reply

VARIES = "(varies)"
"""Stands in a profile for what is another one each time."""

_OURS = frozenset(
    {
        "access-control-allow-origin",
        "connection",
        "content-length",
        "content-type",
        "date",
        "keep-alive",
        "location",
        "mcp-session-id",
        "transfer-encoding",
        "www-authenticate",
    }
)
"""Told by what is answered, and by who carries it."""

type _Made = Callable[[uuid.UUID], str]
"""Makes a value for a request, from the id that all of its tracing has in common."""


class _Plan(NamedTuple):
    """What is added to a kind of reply; with `instead` also where the reply says otherwise."""

    constant: Headers
    varying: tuple[tuple[str, _Made], ...]
    instead: frozenset[str] = frozenset()


class Dressing:
    """Adds to replies what the service sends with them."""

    def __init__(self, profile: Profile, dice: random.Random) -> None:
        self._profile = profile
        self._dice = dice
        self._plans: dict[tuple[Role, str, bool], _Plan] = {}
        self._date = (0, "")

    def dressed(self, reply: Reply, role: Role, *, now: float, home: bool) -> Reply:
        """Add to a reply; `now` in seconds since 1970, `home`: at the MCP endpoint's origin."""
        kind = _kind(reply)
        plan = self._plans.get((role, kind, home))
        if plan is None:
            plan = self._plans[role, kind, home] = self._planned(kind, role, home=home)
        if plan.instead:
            reply = reply.without(*plan.instead)
        date = ("date", self._told_date(int(now)))
        if not plan.varying:
            return reply.having(date, *plan.constant)
        trace = uuid.UUID(int=self._dice.getrandbits(128), version=4)
        varying = ((name, made(trace)) for name, made in plan.varying)
        return reply.having(date, *plan.constant, *varying)

    def _told_date(self, second: int) -> str:
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

    def _planned(self, kind: str, role: Role, *, home: bool) -> _Plan:
        always = dict(_always(self._profile, self._dice, home=home))
        told = _told_of(kind, role, self._profile)
        if told is not None:
            values = {
                name: always.get(name) or _told(name, value, self._dice, home=home)
                if value == VARIES
                else value
                for name, value in told.items()
            }
            return _plan(values, frozenset(told))
        names = self._profile.headers.names.get(role)
        absent = _OURS | _uncached(role, self._profile)
        return _plan(
            {
                name: value
                for name, value in always.items()
                if name not in absent and (names is None or name in names)
            }
        )


def _plan(values: Mapping[str, str | _Made], instead: frozenset[str] = frozenset()) -> _Plan:
    constant = tuple((name, value) for name, value in values.items() if isinstance(value, str))
    varying = tuple((name, value) for name, value in values.items() if not isinstance(value, str))
    return _Plan(constant, varying, instead)


def _kind(reply: Reply) -> str:
    """Give the status and the media type, as a profile tells them."""
    for name, value in reply.headers:
        if name == "content-type":
            return f"{reply.status} {value.partition(';')[0].strip().lower()}"
    return str(reply.status)


def _told_of(kind: str, role: Role, profile: Profile) -> Mapping[str, str] | None:
    """Give the headers of answers of that kind; None if no kinds of answers are known."""
    answers = profile.headers.answers
    if not answers:
        return None
    kinds = answers.get(role) or {
        f"{role} {kind}": told for role, kinds in answers.items() for kind, told in kinds.items()
    }
    return kinds.get(kind) or _common(tuple(kinds.values()))


def _common(kinds: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Give the headers that answers of all kinds have, and say the same."""
    first, *others = kinds
    return {
        name: value
        for name, value in first.items()
        if all(other.get(name) == value for other in others)
    }


def _uncached(role: Role, profile: Profile) -> frozenset[str]:
    """Tell if a role's answers are known to have no Cache-Control."""
    none = role == "token" and profile.token.answer.cache_control == "none"
    return frozenset({"cache-control"} if none else ())


def _always(
    profile: Profile, dice: random.Random, *, home: bool
) -> Iterator[tuple[str, str | _Made]]:
    known = profile.headers
    yield from (known.constant or {}).items()
    for group in (known.security, known.reporting, known.cdn):
        for name, value in (group or {}).items():
            yield name, _told(name, value, dice, home=home)
    for name, value in (known.caching or {}).items():
        if isinstance(value, str):  # of several it is not known which belongs where
            yield name, value
    for name, form in (known.tracing or {}).items():
        yield name, _traced(form, dice)
    for name, metrics in (known.timing or {}).items():
        yield name, partial(_timed, metrics, dice)


def _told(name: str, value: str | Names, dice: random.Random, *, home: bool) -> str | _Made:
    """Give a header's value; of several, the first is the MCP endpoint's, the last the others'."""
    if isinstance(value, tuple):
        value = value[0 if home else -1] if value else ""
    if value != VARIES:
        return value
    where = "-IAD" if name == "cf-ray" else ""
    return lambda _trace: f"{dice.getrandbits(64):016x}{where}"


def _traced(form: str | Names, dice: random.Random) -> str | _Made:
    """Give an id of the request: the same one in whatever form."""
    match form:
        case "UUID":
            return str
        case "32 hex digits":
            return lambda trace: trace.hex
        case str() if form not in {VARIES, "other"}:
            return form
    return lambda _trace: f"{dice.getrandbits(64):016x}"


def _timed(metrics: str | Names, dice: random.Random, _trace: uuid.UUID) -> str:
    """Give a Server-Timing: what has no parameters lasts some milliseconds."""
    named: Mapping[str, None] = dict.fromkeys([metrics] if isinstance(metrics, str) else metrics)
    return ",".join(
        metric if ";" in metric else f"{metric};dur={dice.randrange(2, 140)}" for metric in named
    )
