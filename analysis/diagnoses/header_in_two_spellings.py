"""The same header twice in one request, in two spellings such as `accept` and `Accept`.

Header names ignore case (RFC 9110, section 5.1), dictionaries do not: what an SDK sets in lower
case and a program in title case goes out twice. Of a header that is not a list only one may be
sent (section 5.3); servers refuse it, or take the first or the last. Lists may come in parts, and
proxies add to some of them.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import quote, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.analysis.traffic.spellings import spellings
from wiretape.recorder.log.counted import counted

_SINGLE = frozenset(
    {
        "authorization",
        "content-length",
        "content-location",
        "content-type",
        "date",
        "from",
        "host",
        "if-modified-since",
        "if-range",
        "if-unmodified-since",
        "last-event-id",
        "max-forwards",
        "mcp-method",
        "mcp-name",
        "mcp-protocol-version",
        "mcp-session-id",
        "origin",
        "proxy-authorization",
        "range",
        "referer",
        "user-agent",
    }
)
"""Headers of which a request may have one (RFC 9110; MCP 2026-07-28, Transports)."""
_SET_BY_SDKS = frozenset({"accept"})
"""Lists, which some servers want in one piece all the same."""
_KNOWN = _SINGLE | _SET_BY_SDKS
_REFUSALS = frozenset({400, 406, 415})
"""What a server answers to headers that it does not take."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    found = [each for each in spellings(seen.sent.names) if each[0].lower() in _KNOWN]
    if names := tuple(name for several in found for name in several):
        refused = seen.status in _REFUSALS
        yield Fact(("twice", seen.route, names, refused), (seen.evidence, seen.status))


def _sure(facts: Facts, route: str, names: tuple[str, ...], *, refused: bool) -> Confidence | None:
    """Tell how sure it is that requests with these names failed for that, if they did at all."""
    if refused and facts.get("twice", route, names, False) is None:
        return "likely"
    return "possible" if any(name.lower() in _SINGLE for name in names) else None


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    found = {
        _sure(facts, route, names, refused=refused): (route, names, tally)
        for (route, names, refused), tally in reversed([*facts.of("twice")])
    }
    confidence: Confidence = "likely" if "likely" in found else "possible"
    if confidence not in found:
        return
    route, names, tally = found[confidence]
    _, status = tally.value
    yield Diagnosis(
        id="header_in_two_spellings",
        title="A header is sent twice, in two spellings",
        seen=f"{counted(tally.count, 'request')} to {route} with "
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
