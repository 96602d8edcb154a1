"""The headers of all responses: those that are constant, and those that vary."""

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate

from wiretape.analysis.profile.model import Profile, Role
from wiretape.analysis.profile.values import Names
from wiretape.replay.messages import Reply

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


def dressed(
    reply: Reply, role: Role, profile: Profile, *, now: float, dice: random.Random, home: bool
) -> Reply:
    """Add to a reply what the service sends with it; `home`: at the MCP endpoint's origin.

    Best known are the headers of a role's answers of that status and media type; else those that
    all answers of the role have; else those that it has at all.
    """
    always = dict(_always(profile, dice, home=home))
    told = _told_of(reply, role, profile)
    if told is None:
        names = profile.headers.names.get(role)
        absent = _OURS | _uncached(role, profile)
        told = {
            name: value
            for name, value in always.items()
            if name not in absent and (names is None or name in names)
        }
        return reply.having(("date", formatdate(now, usegmt=True)), *told.items())
    found = {
        name: always.get(name) or _told(name, value, dice, home=home) if value == VARIES else value
        for name, value in told.items()
    }
    return reply.without(*found).having(("date", formatdate(now, usegmt=True)), *found.items())


def _told_of(reply: Reply, role: Role, profile: Profile) -> Mapping[str, str] | None:
    """Give the headers of answers of that kind; None if no kinds of answers are known."""
    answers = profile.headers.answers
    if not answers:
        return None
    media_type = next((value for name, value in reply.headers if name == "content-type"), "")
    kind = f"{reply.status} {media_type.partition(';')[0].strip().lower()}".rstrip()
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


def _always(profile: Profile, dice: random.Random, *, home: bool) -> Iterator[tuple[str, str]]:
    known = profile.headers
    trace = uuid.UUID(int=dice.getrandbits(128), version=4)
    yield from (known.constant or {}).items()
    for group in (known.security, known.reporting, known.cdn):
        for name, value in (group or {}).items():
            yield name, _told(name, value, dice, home=home)
    for name, value in (known.caching or {}).items():
        if isinstance(value, str):  # of several it is not known which belongs where
            yield name, value
    for name, form in (known.tracing or {}).items():
        yield name, _traced(form, trace, dice)
    for name, metrics in (known.timing or {}).items():
        yield name, _timed(metrics, dice)


def _told(name: str, value: str | Names, dice: random.Random, *, home: bool) -> str:
    """Give a header's value; of several, the first is the MCP endpoint's, the last the others'."""
    if isinstance(value, tuple):
        value = value[0 if home else -1] if value else ""
    if value != VARIES:
        return value
    return f"{dice.getrandbits(64):016x}" + ("-IAD" if name == "cf-ray" else "")


def _traced(form: str | Names, trace: uuid.UUID, dice: random.Random) -> str:
    """Give an id of the request: the same one in whatever form."""
    match form:
        case "UUID":
            return str(trace)
        case "32 hex digits":
            return trace.hex
        case str() if form not in {VARIES, "other"}:
            return form
    return f"{dice.getrandbits(64):016x}"


def _timed(metrics: str | Names, dice: random.Random) -> str:
    """Give a Server-Timing: what has no parameters lasts some milliseconds."""
    named: Mapping[str, None] = dict.fromkeys([metrics] if isinstance(metrics, str) else metrics)
    return ",".join(
        metric if ";" in metric else f"{metric};dur={dice.randrange(2, 140)}" for metric in named
    )
