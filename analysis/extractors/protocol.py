"""Protocol: revisions, capabilities, and how each method fares."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw
from pydantic import JsonValue

from wiretape.analysis.concluding.evidence import probed
from wiretape.analysis.concluding.unknown import Answered, answered, told
from wiretape.analysis.concluding.usual import places
from wiretape.analysis.concluding.values import value
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.raw import fields, text, texts

_SERVER_INFO = "io.modelcontextprotocol/serverInfo"
_CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
_MISTAKES = "the client is wiretape's probe, which asks for what may not be there, on purpose"
_NOTIFICATIONS = "notifications/"
"""Over HTTP+SSE they are turns when they are told, and once more if an error blames them later."""

_METHOD_NOT_FOUND = -32601
_INVALID_PARAMS = -32602
_UNSUPPORTED_REVISION = -32022
"""The code of MCP 2026-07-28; revisions before it answer with invalid params."""

_OF_THE_REVISION = re.compile(r"protocol version|unsupported.{0,20} version", re.IGNORECASE)
_OPENING = frozenset({"initialize", "server/discover"})
_NAME = 80
_MESSAGE = 200
_DOCUMENT = 4000
_NAMED_BY_MCP = frozenset(
    {
        *("initialize", "ping", "server", "tools", "prompts", "resources", "completion"),
        *("logging", "roots", "sampling", "elicitation", "tasks", "subscriptions"),
        "notifications",
    }
)
"""The first parts of all methods that a revision of MCP knows."""


def _turn(turn: Turn) -> Iterable[Fact]:
    failed = (turn.status or 0) >= 400  # so is not answered in the way of those that are served
    refused = turn.denied or (failed and turn.outcome != "error")
    over = None if failed else turn.over
    way = ("refused", None, None) if refused else (turn.outcome, turn.code, over)
    error = answered(turn) if way[0] == "error" else None
    fact = Fact((turn.by, turn.route, *way, turn.method[:_NAME]), error)
    if turn.by == "client" and turn.method in _OPENING:
        return (fact, *_opening(turn))
    return (fact,)


def _opening(turn: Turn) -> Iterator[Fact]:
    params, result = fields(turn.params), fields(turn.result)
    meta, answered_meta = fields(params.get("_meta")), fields(result.get("_meta"))
    offered = text(params.get("protocolVersion")) or turn.revision
    supported = texts(result.get("supportedVersions"))
    chosen = text(result.get("protocolVersion")) or (offered if offered in supported else None)
    if offered is not None and (turn.outcome == "result" or _refused_for_its_revision(turn)):
        yield Fact(("revision", offered[:_NAME], None if chosen is None else chosen[:_NAME]))
        for version in supported[:32]:
            yield Fact(("supported", version[:_NAME]))
    told = {
        "client_info": params.get("clientInfo") or meta.get(CLIENT_INFO),
        "client_capabilities": params.get("capabilities") or meta.get(_CLIENT_CAPABILITIES),
        "server_info": result.get("serverInfo") or answered_meta.get(_SERVER_INFO),
        "capabilities": result.get("capabilities"),
    }
    for what, raw in told.items():
        if raw is not None and (document := _document(raw)) is not None:
            yield Fact(("told", what, document))
    if turn.outcome == "result":
        instructions = text(result.get("instructions"))
        brief = instructions and instructions[:_MESSAGE]
        yield Fact(("instructions", instructions is not None), brief)
        if chosen is not None:
            yield Fact(("opening", chosen[:_NAME]), turn.result and bytes(turn.result), keep=1)


def _refused_for_its_revision(turn: Turn) -> bool:
    """Tell whether an error speaks of the revision, as it may speak of anything in the request."""
    if turn.outcome != "error" or turn.denied:
        return False
    named = _OF_THE_REVISION.search(turn.message or "") is not None
    return (
        turn.code == _UNSUPPORTED_REVISION
        or (turn.code == _INVALID_PARAMS and (named or "supported" in fields(turn.data)))
        or (turn.status == 400 and named)
    )


def _document(raw: Raw) -> bytes | None:
    """Give a JSON object in one spelling, if it is not too long."""
    document = value(raw)
    if not isinstance(document, dict) or not document:
        return None
    spelt = msgspec.json.encode(document, order="sorted")
    return spelt if len(spelt) <= _DOCUMENT else None


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    yield from _revisions(facts)
    for what, title in _TITLES.items():
        found = [(msgspec.json.decode(spelt), tally) for (spelt,), tally in facts.of("told", what)]
        if found:
            yield _told(what, title, found)
    instructions = {given: tally for (given,), tally in facts.of("instructions")}
    if instructions:
        shown = [instructions[True]] if True in instructions else list(instructions.values())
        title = "Whether the server gives instructions"
        given = _finding("protocol.instructions", title, True in instructions, shown)
        yield given.model_copy(update={"note": shown[0].value})
    for (chosen,), tally in facts.of("opening"):
        document = value(tally.value)
        if isinstance(document, dict):
            title = f"The answer that opens revision {chosen}, in full"
            yield _finding(f"protocol.opening.{chosen}", title, document, [tally])
    yield from _methods(facts, scene)


_TITLES = {
    "capabilities": "What the server says it can do",
    "server_info": "What the server says it is",
    "client_capabilities": "What clients say they can do",
    "client_info": "What clients say they are",
}


def _revisions(facts: Facts) -> Iterator[Finding]:
    answers: dict[str, list[str]] = {}
    tallies = []
    for (offered, chosen), tally in facts.of("revision"):
        answers.setdefault(offered, []).append(chosen or "refused")
        tallies.append(tally)
    if answers:
        chosen_of: dict[str, JsonValue] = {
            offered: chosen[0] if len(chosen) == 1 else list[JsonValue](sorted(chosen))
            for offered, chosen in sorted(answers.items())
        }
        title = "Which revision is chosen, by the one that was offered"
        yield _finding("protocol.revisions", title, chosen_of, tallies)
    supported = list(facts.of("supported"))
    if supported:
        title = "The revisions that the server says it supports"
        versions = list[JsonValue](sorted(version for (version,), _ in supported))
        shown = [tally for _, tally in supported]
        yield _finding("protocol.supported", title, versions, shown[:1])


def _told(what: str, title: str, found: list[tuple[JsonValue, Tally]]) -> Finding:
    """Give what was told; of several clients, or when it changed, a list."""
    documents = [document for document, _ in found]
    one = documents[0] if len(documents) == 1 else documents
    return _finding(f"protocol.{what}", title, one, [tally for _, tally in found])


def _methods(facts: Facts, scene: Scene) -> Iterator[Finding]:
    methods: dict[str, list[_Turns]] = {}
    for (route, outcome, code, over, method), tally in facts.of("client"):
        if scene.speaks_mcp(route):
            methods.setdefault(method, []).append(_Turns(outcome, code, over, tally))
    for method, found in sorted(methods.items()):
        yield _method(method, found)
    unknown = {
        method: turns.tally
        for method, found in sorted(methods.items())
        for turns in found
        if turns.code == _METHOD_NOT_FOUND
    }
    if unknown:
        title = "Methods answered with method not found"
        told = _finding("protocol.not_found", title, list[JsonValue](unknown), unknown.values())
        yield told.model_copy(update={"note": _MISTAKES}) if probed(scene) else told
    yield from _unknown(methods)
    initiated: dict[str, list[Tally]] = {}
    for (route, *_, method), tally in facts.of("server"):
        if scene.speaks_mcp(route):
            initiated.setdefault(method, []).append(tally)
    if initiated:
        title = "What the server says of its own accord"
        shown = [tally for tallies in initiated.values() for tally in tallies]
        yield _finding("protocol.server_methods", title, list[JsonValue](sorted(initiated)), shown)


class _Turns(NamedTuple):
    """Turns of one method that went the same way. Of errors the first is known in full."""

    outcome: str
    code: int | None
    over: str | None
    tally: Tally

    @property
    def error(self) -> Answered | None:
        """The first of them, if they are errors."""
        first: Answered | None = self.tally.value
        return first


def _method(method: str, found: list[_Turns]) -> Finding:
    outcomes = Counter[str]()
    told_before = 0
    errors = Counter[str]()
    messages: dict[str, str] = {}
    for turns in found:
        outcomes[turns.outcome] += turns.tally.count
        if turns.outcome == "error" and turns.over == "sse" and method.startswith(_NOTIFICATIONS):
            told_before += turns.tally.count
        if turns.error is not None:
            errors[str(turns.code)] += turns.tally.count
            messages.setdefault(str(turns.code), (turns.error.message or "")[:_MESSAGE])
    outcomes["notified"] = max(outcomes["notified"] - told_before, 0)
    fared: dict[str, JsonValue] = {
        "answered": outcomes["result"],
        "errors": dict(sorted(errors.items())),
        "ways": list[JsonValue](sorted({turns.over for turns in found if turns.over})),
    }
    if messages:
        fared["messages"] = dict[str, JsonValue](sorted(messages.items()))
    others = ("notified", "refused", "unanswered")
    return Finding(
        id=f"protocol.method.{method}",
        title=f"How {method} fared",
        value=fared | {outcome: outcomes[outcome] for outcome in others if outcomes[outcome]},
        count=outcomes.total(),
        evidence=places(turns.tally for turns in found),
    )


def _unknown(methods: dict[str, list[_Turns]]) -> Iterator[Finding]:
    """Find how a method is answered that is not known: what -32601 says, or MCP has not."""
    found = [
        (turns.error, method, turns)
        for method, several in methods.items()
        for turns in several
        if turns.error is not None
        and (turns.code == _METHOD_NOT_FOUND or method.partition("/")[0] not in _NAMED_BY_MCP)
    ]
    if found:
        error, method, turns = min(found, key=lambda each: each[2].tally.first.place)
        title = "How a method is answered that is not known"
        yield _finding("protocol.unknown_method", title, told(error, method), [turns.tally])


def _finding(id_: str, title: str, value: JsonValue, tallies: Iterable[Tally]) -> Finding:
    found = list(tallies)
    count = sum(tally.count for tally in found)
    return Finding(id=id_, title=title, value=value, count=count, evidence=places(found))


EXTRACTOR: Extractor = Extractor(title="Protocol", turn=_turn, repeats="kind", conclude=_findings)
