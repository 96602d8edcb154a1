"""Duplicate headers: one name in two spellings in one message.

Names are equal in any case (RFC 9110, 5.1), so the values of both belong to one header; but those
who keep headers in a dictionary by spelling take or drop one of them, and proxies join them.
"""

from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import places
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Headers, Seen
from wiretape.analysis.traffic.spellings import spellings

_SHORT = 200


def _exchange(seen: Seen) -> Iterable[Fact]:
    asked, answered = spellings(seen.sent.names), spellings(seen.given.names)
    if asked or answered:
        yield from (_fact(seen, "client", names, seen.sent) for names in asked)
        yield from (_fact(seen, "server", names, seen.given) for names in answered)


def _fact(seen: Seen, by: str, names: tuple[str, ...], headers: Headers) -> Fact:
    values = tuple(value[:_SHORT] for value in headers.all(names[0].lower()))
    who = seen.client if by == "client" else ""
    return Fact((by, who, seen.route, names), values, point=seen.asked if by == "client" else None)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    found: dict[tuple[str, str, tuple[str, ...]], list[tuple[str, Tally]]] = {}
    for by in ("client", "server"):
        for (agent, route, names), tally in facts.of(by):
            who = scene.client(agent) if by == "client" else ""
            found.setdefault((by, who, names), []).append((scene.role(route), tally))
    if found:
        tallies = [tally for each in found.values() for _, tally in each]
        yield Finding(
            id="headers.duplicates",
            title="Headers that came twice in a message, in different spellings",
            value=[
                _value(*key, each) for key, each in sorted(found.items(), key=lambda item: item[0])
            ],
            count=sum(tally.count for tally in tallies),
            evidence=places(tallies),
        )


def _value(by: str, who: str, names: tuple[str, ...], seen: list[tuple[str, Tally]]) -> JsonValue:
    examples = [values for _, tally in seen for values in tally.values]
    value: dict[str, JsonValue] = {
        "sent by": by,
        "spellings": [*names],
        "values": "equal" if all(len({*each}) == 1 for each in examples) else "different",
        "example": [*examples[0]],
        "roles": [*sorted({role for role, _ in seen})],
    }
    return value | {"client": who} if by == "client" else value


EXTRACTOR: Extractor = Extractor(
    title="Duplicate headers",
    wants=frozenset({"any"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
