"""Headers that MCP and OAuth routes answer with: which are always the same, which vary, and why.

The page that an authorization leads back to is the client's, and left out.

Of every set of header names at a route the first few answers are kept, and their values compared.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, permutations
from typing import NamedTuple

from pydantic import JsonValue

from wiretape.analysis.concluding.usual import dashed, places
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.traffic.seen import Headers, Seen

VARIES = "(varies)"

_NOT_THE_SERVICE = frozenset({"callback", "other"})
_FEW = 4
_PAIRED = 16
_PER_REQUEST = 0.75
_OF_THE_ANSWER = frozenset(
    {
        "content-length",
        "content-type",
        "date",
        "location",
        "mcp-session-id",
        "set-cookie",
        "www-authenticate",
    }
)
_OF_THE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding"})
"""Said from hop to hop (RFC 9110, 7.6.1)."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_METRIC = re.compile(r'(?:"[^"]*"|[^",])+')
_DURATION = re.compile(r"\s*;\s*dur=[^;]*")

_CLASSES = {
    "caching": re.compile(r"age|cache-control|etag|expires|last-modified|pragma|vary"),
    "cdn": re.compile(
        r"alt-svc|cdn-.*|cf-.*|fly-.*|ge-edge-.*|server|via|x-akamai-.*|x-amz-cf-.*|x-azure-.*"
        r"|x-cache(-.*)?|x-cdn|x-fastly-.*|x-powered-by|x-served-by|x-vercel-.*"
    ),
    "reporting": re.compile(r"expect-ct|nel|report-to|reporting-endpoints|.*-report-only"),
    "security": re.compile(
        r"content-security-policy|cross-origin-.*|permissions-policy|referrer-policy"
        r"|strict-transport-security|x-content-type-options|x-frame-options"
        r"|x-permitted-cross-domain-policies|x-xss-protection"
    ),
    "timing": re.compile(
        r"server-timing|timing-allow-origin|x-envoy-upstream-service-time|x-response-time|x-runtime"
    ),
    "tracing": re.compile(
        r".*trace-?id|.*correlation-?id|.*request-?id|b3|traceparent|traceresponse|tracestate"
        r"|x-amzn-trace-id|x-b3-.*|x-cloud-trace-context"
    ),
}


_TITLES = {
    "caching": "Headers for caches",
    "cdn": "Headers of the server, and of the network that delivers its answers",
    "reporting": "Headers for reports of errors",
    "security": "Headers for the security of browsers",
    "timing": "Headers that tell times",
    "tracing": "Headers that trace requests",
}


class _Answers(NamedTuple):
    """Answers of a route of one kind, with the same header names; `values` are those kept, by name.

    The kind is the status and the media type.
    """

    role: Role
    kind: str
    tally: Tally
    values: dict[str, list[str]]


def _exchange(seen: Seen) -> Iterator[Fact]:
    given = seen.given
    if given.pairs:
        media_type = (given.get("content-type") or "").partition(";")[0].strip().lower()
        kind = f"{seen.status} {media_type}".rstrip()
        yield Fact(("given", seen.route, given.names, kind), given.pairs)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    found = [
        _Answers(scene.role(route), kind, tally, _by_name(tally))
        for (route, _, kind), tally in facts.of("given")
        if scene.role(route) not in _NOT_THE_SERVICE
    ]
    named: dict[str, list[_Answers]] = {}
    for answers in found:
        for name in answers.values:
            named.setdefault(name, []).append(answers)
    if sum(answers.tally.count for answers in found) > 1:
        yield from _compared(found, named)
    for kind, names in _CLASSES.items():
        yield from _class(kind, {name: named[name] for name in named if names.fullmatch(name)})
    for role in sorted({answers.role for answers in found}):
        alike = [answers for answers in found if answers.role == role]
        yield _finding(
            f"headers.{dashed(role)}.names",
            f"Headers that `{role}` answers with",
            [*sorted({name for answers in alike for name in answers.values} - _OF_THE_CONNECTION)],
            alike,
        )
        for kind in sorted({answers.kind for answers in alike}):
            yield from _of_kind(role, kind, [each for each in alike if each.kind == kind])


def _of_kind(role: Role, kind: str, found: list[_Answers]) -> Iterator[Finding]:
    """Tell the headers that all of a role's answers of a kind have, besides what they say."""
    shared = set.intersection(*({*answers.values} for answers in found))
    names = shared - _OF_THE_ANSWER - _OF_THE_CONNECTION
    told: dict[str, JsonValue] = {}
    for name in sorted(names):
        values = _values(name, found)
        if not name.startswith("access-control-"):
            told[name] = values.pop() if len(values) == 1 else VARIES
    if told:
        title = f"Headers of `{role}` answering {kind}"
        yield _finding(f"headers.answers.{dashed(role)}.{kind}", title, told, found)


def _by_name(tally: Tally) -> dict[str, list[str]]:
    kept = [Headers(pairs) for pairs in tally.values]
    names = {name.lower() for name in kept[0].names}
    return {name: [", ".join(each.all(name)) for each in kept] for name in sorted(names)}


def _compared(found: list[_Answers], named: Mapping[str, list[_Answers]]) -> Iterator[Finding]:
    everywhere = {name for name, having in named.items() if len(having) == len(found)}
    constant: dict[str, JsonValue] = {
        name: values.pop()
        for name in sorted(everywhere - _OF_THE_ANSWER)
        if len(values := _values(name, found)) == 1
    }
    if constant:
        title = "Headers that are the same in every answer"
        yield _finding("headers.constant", title, constant, found)
    varying = {name: having for name, having in sorted(named.items()) if _varies(name, having)}
    if varying:
        title = "Headers that vary per request"
        yield _finding("headers.varying", title, [*varying], _any_of(varying))


def _any_of(named: Mapping[str, list[_Answers]]) -> list[_Answers]:
    """Give the answers that have any of these names, each once."""
    return [*{id(answers): answers for having in named.values() for answers in having}.values()]


def _values(name: str, found: Iterable[_Answers]) -> set[str]:
    return {value for answers in found for value in answers.values.get(name, ())}


def _varies(name: str, found: Iterable[_Answers]) -> bool:
    """Tell whether nearly every answer has a value of its own, among answers otherwise alike."""
    if name in _OF_THE_ANSWER:
        return False
    groups = [values for each in found if len(values := each.values.get(name, [])) > 1]
    distinct = sum(len({*values}) for values in groups)
    return bool(groups) and distinct > _PER_REQUEST * sum(map(len, groups))


def _class(kind: str, named: Mapping[str, list[_Answers]]) -> Iterator[Finding]:
    if not named:
        return
    tell: Callable[[str, list[_Answers]], JsonValue] = _shape if kind == "tracing" else _told
    yield _finding(
        f"headers.{kind}",
        _TITLES[kind],
        {name: tell(name, having) for name, having in sorted(named.items())},
        _any_of(named),
        _same_id(named) if kind == "tracing" else None,
    )


def _told(name: str, found: list[_Answers]) -> JsonValue:
    """Give the value, or the few there are."""
    if name == "server-timing":
        return _metrics(_values(name, found))
    values = sorted(_values(name, found))
    if len(values) == 1:
        return values[0]
    return [*values] if len(values) <= _FEW and not _varies(name, found) else VARIES


def _metrics(values: set[str]) -> JsonValue:
    """Give the metrics without what was measured (W3C Server Timing, 2)."""
    metrics = chain.from_iterable(map(_METRIC.findall, values))
    return [*sorted({_DURATION.sub("", metric).strip() for metric in metrics} - {""})]


def _shape(name: str, found: list[_Answers]) -> JsonValue:
    """Give the shape of ids."""
    values = _values(name, found)
    if all(map(_UUID.fullmatch, values)):
        return "UUID"
    if all(map(_TRACEPARENT.fullmatch, values)):
        return "traceparent"
    lengths = sorted({len(value) for value in values})
    size = f"{lengths[0]} to {lengths[-1]}" if len(lengths) > 1 else f"{lengths[0]}"
    return f"{size} {'hex digits' if all(map(_HEX.fullmatch, values)) else 'characters'}"


def _same_id(named: Mapping[str, list[_Answers]]) -> str | None:
    """Find a header that repeats another one's UUID without its dashes, among the first names."""
    for one, other in permutations(sorted(named)[:_PAIRED], 2):
        pairs = [
            pair
            for each in named[one]
            if other in each.values
            for pair in zip(each.values[one], each.values[other], strict=True)
        ]
        if pairs and all("-" in a and a.replace("-", "") == b for a, b in pairs):
            return f"{other} is {one} without its dashes"
    return None


def _finding(
    id_: str, title: str, value: JsonValue, found: list[_Answers], note: str | None = None
) -> Finding:
    tallies = [answers.tally for answers in found]
    count = sum(tally.count for tally in tallies)
    return Finding(
        id=id_, title=title, value=value, count=count, evidence=places(tallies), note=note
    )


EXTRACTOR: Extractor = Extractor(
    title="Headers",
    wants=frozenset({"mcp", "oauth"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_findings,
)
