"""CORS: what a browser lets a page of another origin do at each route (WHATWG Fetch, 3.3 and 4.8).

For all but the simplest requests a browser asks first, by an OPTIONS preflight, which methods and
headers it may send. It shows the answer only if that allows the origin as well; and of the answer's
headers it shows but a few, unless `access-control-expose-headers` names more. MCP clients send
their token in a header and not as a cookie, so what Fetch calls credentials is not included here:
then `*` stands for all, but never for `Authorization`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import dashed, places, usual
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.traffic.preflights import (
    ORIGIN,
    Allowed,
    Preflight,
    echoes,
    lower,
    sendable,
    usable,
    words,
)
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log import urls

ASKED = "(the headers asked for)"

_DIGITS = re.compile(r"[0-9]{1,9}")
_PREFIX = "access-control-"
_NAMES = (
    "allow-origin",
    "allow-methods",
    "allow-headers",
    "expose-headers",
    "max-age",
    "allow-credentials",
)
_READ = ("Mcp-Session-Id", "WWW-Authenticate")
_TAKES_JSON: frozenset[Role] = frozenset({"mcp", "message", "registration"})
_TAKES_TOKENS: frozenset[Role] = frozenset({"mcp", "sse", "message"})
_INFERRED = (
    "may_send and may_use are inferred: the preflights seen asked for more headers than that, and "
    "were refused"
)
_NAVIGATED: frozenset[Role] = frozenset({"authorization", "callback"})


@dataclass
class _Role:
    """What was seen of one role: `asked` are preflights, `answered` the rest by what they are."""

    guarded: bool = False
    asked: list[tuple["Preflight", Tally]] = field(default_factory=list)
    answered: dict[str, list[tuple[int | None, Allowed, Tally]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def _exchange(seen: Seen) -> Iterator[Fact]:
    status = seen.status
    if status is None:
        return
    if status == 401 or "authorization" in seen.sent:
        yield Fact(("guarded", seen.route), keep=1)
    origin = seen.sent.get("origin")
    if origin is not None and origin == urls.origin(seen.url):
        return
    if seen.method == "OPTIONS":
        if origin is not None and "access-control-request-method" in seen.sent:
            headers = words(seen.sent.get("access-control-request-headers"))
            preflight = Preflight(status, tuple(map(str.lower, headers)), _allowed(seen, origin))
            yield Fact(("preflight", seen.route, preflight), measure=origin)
    elif origin is not None or "access-control-allow-origin" in seen.given:
        allowed = _allowed(seen, origin)
        if status in {401, 403}:
            yield Fact(("answer", seen.route, "refused", status, allowed), measure=origin)
        else:
            yield Fact(("answer", seen.route, "actual", None, allowed), measure=origin)


def _allowed(seen: Seen, origin: str | None) -> Allowed:
    given = [", ".join(seen.given.all(_PREFIX + name)) or None for name in _NAMES]
    return Allowed(ORIGIN if origin is not None and given[0] == origin else given[0], *given[1:])


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for role, seen in sorted(_by_role(facts, scene).items()):
        start = f"cors.{dashed(role)}"
        if seen.asked:
            echoing = echoes([preflight for preflight, _ in seen.asked])
            yield from usual(
                f"{start}.preflight",
                f"What {role} answers to a browser's preflight",
                [({"status": p.status} | _value(p.allowed, echoing), t) for p, t in seen.asked],
                note=_doubt(
                    [tally for preflight, tally in seen.asked if _reflects(preflight.allowed)]
                ),
            )
        for kind, answers in sorted(seen.answered.items()):
            yield from usual(
                f"{start}.{kind}",
                f"What {role} allows a page of another origin in its {kind} answers",
                [
                    (({} if status is None else {"status": status}) | _value(allowed), tally)
                    for status, allowed, tally in answers
                ],
                note=_doubt([tally for _, allowed, tally in answers if _reflects(allowed)]),
            )
        if role not in _NAVIGATED:
            yield _browser(f"{start}.browser", role, seen)


def _by_role(facts: Facts, scene: Scene) -> Mapping[Role, _Role]:
    found: dict[Role, _Role] = defaultdict(_Role)
    for (route, preflight), tally in facts.of("preflight"):
        found[scene.role(route)].asked.append((preflight, tally))
    for (route, kind, status, allowed), tally in facts.of("answer"):
        role = scene.role(route)
        if role != "other":  # a page, and what it loads; but a preflight may be all there is of MCP
            found[role].answered[kind].append((status, allowed, tally))
    for (route,), _ in facts.of("guarded"):
        if scene.role(route) in found:
            found[scene.role(route)].guarded = True
    return found


def _value(allowed: Allowed, echoing: bool = False) -> dict[str, JsonValue]:
    age = allowed.max_age
    return {
        "allow_origin": allowed.origin,
        "allow_methods": _list(allowed.methods),
        "allow_headers": [ASKED] if echoing else _list(allowed.headers),
        "expose_headers": _list(allowed.expose),
        "max_age": int(age) if age is not None and _DIGITS.fullmatch(age) else age,
        "allow_credentials": allowed.credentials == "true",
    }


def _list(value: str | None) -> JsonValue:
    return None if value is None else [*words(value)]


def _reflects(allowed: Allowed) -> bool:
    return allowed.origin == ORIGIN


def _doubt(reflected: list[Tally]) -> str | None:
    """Doubt that any origin is repeated where only one ever asked."""
    asked = {each.measure for tally in reflected for each in (tally.low, tally.high) if each}
    return "only one origin asked, which may be the only one allowed" if len(asked) == 1 else None


def _browser(id_: str, role: Role, seen: _Role) -> Finding:
    """Conclude what a client in a browser could do: null is what was not seen."""
    actual, refused = _main(seen, "actual"), _main(seen, "refused")
    answer = actual or refused
    asked = [preflight for preflight, _ in seen.asked]
    may_send, may_use = sendable(asked), usable(asked)
    needed = {"Content-Type"} if role in _TAKES_JSON else set[str]()
    if role in _TAKES_TOKENS and seen.guarded:
        needed.add("Authorization")
    readable = [
        name
        for name, shown in zip(_READ, (answer, refused or answer), strict=True)
        if shown is not None and _exposes(shown, name)
    ]
    may_call: bool | None
    if answer is not None and not answer.any_origin:
        may_call, why = False, "its answers allow no other origin"
    elif may_send is None and needed:
        why = "of several headers none was allowed" if asked else "no preflight was seen"
        may_call = None
    elif may_send is not None and not needed <= {*may_send}:
        may_call, why = False, f"may not send {', '.join(sorted(needed - {*may_send}))}"
    elif answer is None:
        may_call, why = None, "nothing but preflights was seen"
    else:
        may_call, why = True, None
    notes = [why] if why else []
    if may_send and not any(preflight.passes for preflight in asked):
        notes.append(_INFERRED)
    tallies = [tally for _, tally in seen.asked]
    tallies += [tally for answers in seen.answered.values() for _, _, tally in answers]
    return Finding(
        id=id_,
        title=f"What a client in a browser may do with {role}",
        value={
            "may_call": may_call,
            "may_use": None if may_use is None else [*may_use],
            "may_send": None if may_send is None else [*may_send],
            "may_read": None if answer is None else [*readable],
        },
        count=sum(tally.count for tally in tallies),
        evidence=places(tallies),
        note="; ".join(notes) or None,
    )


def _main(seen: _Role, kind: str) -> Allowed | None:
    """Give what most answers of a kind say."""
    counts: dict[Allowed, int] = defaultdict(int)
    for _, allowed, tally in seen.answered.get(kind, ()):
        counts[allowed] += tally.count
    return max(counts, key=lambda allowed: counts[allowed], default=None)


def _exposes(allowed: Allowed, name: str) -> bool:
    exposed = lower(allowed.expose)
    return allowed.any_origin and (name.lower() in exposed or "*" in exposed)


EXTRACTOR: Extractor = Extractor(
    title="CORS",
    wants=frozenset({"cors", "refused"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
