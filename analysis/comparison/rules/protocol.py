"""Protocol: which revisions, capabilities and methods a client can count on."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import (
    EVERY_CLIENT,
    NOTHING_TO_MEND,
    Judgement,
    Pair,
    Rule,
    deviates,
)
from wiretape.analysis.comparison.values import listed, member, members, number
from wiretape.analysis.finding import Finding

_METHOD = "protocol.method."
_OPENING = "protocol.opening."
_VITAL = {"initialize", "tools/list", "tools/call"}
_DISCOVER = "server/discover"
_NOT_FOUND = "-32601"
_OF_ARGUMENTS = {"-32602", "-32002"}
"""Invalid params, resource not found: what a call is answered that asks for the wrong thing."""


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    if pair.id.startswith(_METHOD):
        yield from _method(pair.id.removeprefix(_METHOD), before, after)
    elif pair.id == "protocol.revisions":
        yield from _revisions(members(before), members(after))
    elif pair.id == "protocol.capabilities":
        for one, other in _of_one_revision(before, after, pair):
            yield from _capabilities(one, other)
    elif pair.id == "protocol.nonconforming":
        yield from _nonconforming(before, after)
    elif pair.id == "protocol.instructions" and before is True and after is False:
        yield Judgement(
            id="protocol.instructions",
            severity="cosmetic",
            title="No instructions are given",
            why="Clients tell their model what the instructions say; it does without.",
            remedy='`"instructions": "…"` in the answer to initialize',
            requirement="MCP 2025-03-26, Lifecycle: initialization",
        )


def _method(method: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    worked = (number(member(before, "answered")) or 0) > 0
    works = (number(member(after, "answered")) or 0) > 0
    errors = members(member(after, "errors")).keys() - _OF_ARGUMENTS
    if worked and not works and errors:
        unknown = _NOT_FOUND in errors
        if method == _DISCOVER:
            yield _OLDER
            return
        yield Judgement(
            id=f"protocol.method.{method}",
            severity="breaking" if method in _VITAL else "risky",
            title=f"{method} is not known"
            if unknown
            else f"{method} fails with error {listed(sorted(errors))}",
            why="Clients cannot do without it."
            if method in _VITAL
            else "Clients that use it show an error, or do without.",
            remedy=f"Serve `{method}`"
            + (", or do not announce the capability." if unknown else " as the reference does."),
            requirement="MCP 2025-03-26, Lifecycle: capability negotiation",
            clients=EVERY_CLIENT if method in _VITAL else (),
        )


_OLDER = Judgement(
    id=f"protocol.method.{_DISCOVER}",
    severity="cosmetic",
    title=f"{_DISCOVER} is not served",
    why="Clients go on with initialize, as with any server before 2026-07-28.",
    remedy=f"Serve `{_DISCOVER}`, when revision 2026-07-28 is to be spoken.",
    requirement="MCP 2026-07-28",
)


def _revisions(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[Judgement]:
    for offered in sorted(before.keys() & after.keys()):
        had, has = before[offered], after[offered]
        if isinstance(had, str) and isinstance(has, str) and has != had and has[:2] == "20":
            older = has < had
            yield Judgement(
                id="protocol.revision",
                severity="risky" if older else "cosmetic",
                title=f"Chooses revision {has} instead of {had} when {offered} is offered",
                why="Clients that do not know the older revision leave; the others lose what came "
                "with the newer."
                if older
                else deviates("MCP, Lifecycle: version negotiation")
                if has == offered
                else "Clients get a newer revision.",
                remedy=f'`"protocolVersion": "{had}"`' if older else NOTHING_TO_MEND,
                requirement="MCP 2025-03-26, Lifecycle: version negotiation" if older else None,
            )


def _capabilities(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> Iterator[Judgement]:
    for name in before.keys() - {"experimental", "extensions"}:
        if name not in after:
            yield Judgement(
                id=f"protocol.capability.{name}",
                severity="breaking" if name == "tools" else "risky",
                title=f"The capability {name} is not announced",
                why=f"Clients do not ask for {name} then.",
                remedy=f'`"capabilities": {{"{name}": {{}}}}` in the answer to initialize',
                requirement="MCP 2025-03-26, Lifecycle: capability negotiation",
                clients=EVERY_CLIENT if name == "tools" else (),
            )
        else:
            yield from _parts(name, members(before[name]), members(after[name]))


def _of_one_revision(
    before: JsonValue, after: JsonValue, pair: Pair
) -> Iterator[tuple[dict[str, JsonValue], dict[str, JsonValue]]]:
    """Give what both announce, each time when they speak the same revision.

    Of a side whose answers are not known by revision, it is what the reference always announces,
    and the subject at all.
    """
    one, other = _by_revision(pair.others.reference), _by_revision(pair.others.subject)
    if one and other:
        for revision in sorted(one.keys() & other.keys()):
            yield members(one[revision]), members(other[revision])
    else:
        yield _always(_variants(before)), _ever(_variants(after))


def _by_revision(findings: Mapping[str, Finding]) -> dict[str, JsonValue]:
    return {
        id_.removeprefix(_OPENING): member(finding.value, "capabilities")
        for id_, finding in findings.items()
        if id_.startswith(_OPENING)
    }


def _unsaid(_: Finding, __: Finding, pair: Pair) -> Iterator[str]:
    """Tell if the subject spoke none of the revisions that the reference was seen to speak."""
    if pair.id == "protocol.capabilities":
        one, other = _by_revision(pair.others.reference), _by_revision(pair.others.subject)
        if one and other and one.keys().isdisjoint(other):
            yield f"What is announced in revision {listed(sorted(one))}"


def _variants(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [members(each) for each in (value if isinstance(value, list) else [value])]


def _always(variants: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    first, *others = variants or [{}]
    return {
        name: {
            part: told
            for part, told in members(parts).items()
            if all(member(other, name, part) == told for other in others)
        }
        for name, parts in first.items()
        if all(name in other for other in others)
    }


def _ever(variants: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for variant in variants:
        for name, parts in variant.items():
            there = {part: told for part, told in members(parts).items() if told is not False}
            found[name] = {**members(found.get(name)), **there}
    return found


def _parts(
    name: str, before: dict[str, JsonValue], after: dict[str, JsonValue]
) -> Iterator[Judgement]:
    lost = sorted(part for part in before if before[part] is True and after.get(part) is not True)
    if lost:
        yield Judgement(
            id=f"protocol.capability.{name}.parts",
            severity="cosmetic",
            title=f"The capability {name} lacks {listed(lost)}",
            why="Clients do not hear of changes until they ask again.",
            remedy=f'`"{name}": {{"{lost[0]}": true}}`, and send such notifications',
            requirement="MCP 2025-03-26, Lifecycle: capability negotiation",
        )


def _nonconforming(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    known = {_wrong(each) for each in before} if isinstance(before, list) else set()
    for each in after if isinstance(after, list) else ():
        method, what = _wrong(each)
        if member(each, "by") != "client" and (method, what) not in known:
            yield Judgement(
                id=f"protocol.nonconforming.{method}",
                severity="risky",
                title=f"{method} is not as the specification has it: {what}",
                why="The SDKs check messages against the schema, and refuse those that differ.",
                remedy="Send what the schema of the chosen revision asks for.",
                requirement="MCP, schema of the revision",
                clients=("Python SDK", "TypeScript SDK"),
            )


def _wrong(value: JsonValue) -> tuple[str, str]:
    return str(member(value, "method")), str(member(value, "what"))


RULE = Rule(
    title="Protocol",
    gives=(
        "protocol.capability.*",
        "protocol.instructions",
        "protocol.method.*",
        "protocol.nonconforming.*",
        "protocol.revision",
    ),
    judges=("protocol.*",),
    judge=_judge,
    unsaid=_unsaid,
    tolerates=(
        "protocol.client_*",
        "protocol.not_found",
        "protocol.opening.*",
        "protocol.server_info",
        "protocol.server_methods",
        "protocol.supported",
        "protocol.unknown_method",
    ),
)
