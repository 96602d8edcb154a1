"""Tools, resources and prompts: what a server lists, and whether that changes."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import Raw
from pydantic import JsonValue

from wiretape.analysis.concluding.unknown import Answered, answered, told
from wiretape.analysis.concluding.usual import places
from wiretape.analysis.concluding.values import value
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.raw import fields, text

_ITEMS = msgspec.json.Decoder(list[Raw])
_VARIANTS = 256
_NAME = 200
_MOST = 500
_DENIED = 64
_DESCRIPTION = 16 * 1024


class _Listed(NamedTuple):
    """What a method lists: the findings' area, what one of the items is, and which fields hold the
    items and their name."""

    area: str
    one: str
    items: str
    name: str


_LISTS = {
    "tools/list": _Listed("tools", "tool", "tools", "name"),
    "prompts/list": _Listed("prompts", "prompt", "prompts", "name"),
    "resources/list": _Listed("resources", "resource", "resources", "uri"),
    "resources/templates/list": _Listed(
        "resources.templates", "template", "resourceTemplates", "uriTemplate"
    ),
}
_USES = {
    "tools/call": "tools/list",
    "prompts/get": "prompts/list",
    "resources/read": "resources/list",
}
_TEXTS = {"name": "name", "title": "title", "mimeType": "media_type"}
_PARTS = {
    "inputSchema": "input",
    "outputSchema": "output",
    "arguments": "arguments",
    "annotations": "annotations",
}


class _Page(NamedTuple):
    """One answer to a list call; pages of one method that are alike are one, by their digest.

    So that there is an end to them there are but 256 digests, and of each the first page is kept.
    """

    method: str
    route: str
    continues: bool
    goes_on: bool
    digest: int


def _turn(turn: Turn) -> tuple[Fact, ...]:
    if turn.by == "server":
        return ()
    if turn.method in _USES:
        return tuple(_used(turn))
    listed = _LISTS.get(turn.method)
    if listed is None or turn.result is None:
        return ()
    result = fields(turn.result)
    items = bytes(result.get(listed.items, Raw(b"[]")))
    page = _Page(
        method=turn.method,
        route=turn.route,
        continues=text(fields(turn.params).get("cursor")) is not None,
        goes_on=text(result.get("nextCursor")) is not None,
        digest=crc32(items) % _VARIANTS,
    )
    return (Fact(("page", page), items, keep=1),)


def _used(turn: Turn) -> Iterator[Fact]:
    name = turn.name
    if name is None or turn.outcome not in _CALLED or turn.denied:
        return
    outcome = "failed" if _failed(turn.result) else turn.outcome
    if turn.method == "tools/call":
        yield Fact(("call", name[:_NAME], outcome))
    if outcome != "result":
        yield Fact(("denied", turn.method), _Denied(name[:_NAME], answered(turn)), keep=_DENIED)


class _Denied(NamedTuple):
    """The use of something that did not succeed."""

    name: str
    answered: Answered


def _failed(result: Raw | None) -> bool:
    """Tell whether the tool itself reports an error."""
    if result is None or b'"isError"' not in bytes(result):
        return False
    said = fields(result).get("isError")
    return said is not None and bytes(said) == b"true"


def _findings(facts: Facts, _scene: Scene) -> Iterator[Finding]:
    for method, listed in _LISTS.items():
        pages = [(page, tally) for (page,), tally in facts.of("page") if page.method == method]
        if pages:
            yield from _listed(listed, pages)
            yield from _unknown(method, listed, facts, pages)
    yield from _calls(facts)


class _Seen(NamedTuple):
    """One definition of an item, where it was seen."""

    definition: bytes
    page: _Page
    tally: Tally


def _listed(listed: _Listed, pages: list[tuple[_Page, Tally]]) -> Iterator[Finding]:
    area, what = listed.area, listed.area.replace(".", " ")
    found: dict[str, list[_Seen]] = defaultdict(list)
    for page, tally in pages:
        for name, definition in _named(tally.value, listed.name):
            found[name].append(_Seen(definition, page, tally))
    tallies = [tally for _, tally in pages]
    names = list[JsonValue](sorted(found))
    yield _finding(f"{area}.list", f"The {what} that are listed", names, tallies)
    paged = any(page.goes_on for page, _ in pages)
    yield _finding(f"{area}.paged", f"Whether the list of {what} comes in pages", paged, tallies)
    if sum(tally.count for tally in tallies) > 1:
        changed = _changed(found, pages)
        shown = [seen.tally for name in changed for seen in found[name]]
        title = f"The {what} that differ from one list to another"
        yield _finding(f"{area}.changed", title, list[JsonValue](changed), shown or tallies)
    for name, [first, *_] in sorted(found.items())[:_MOST]:
        title = f"How the {listed.one} {name} is defined"
        defined = _defined(first.definition, listed.name)
        yield _finding(f"{area}.{listed.one}.{name}", title, defined, [first.tally])


def _named(items: bytes, key: str) -> Iterator[tuple[str, bytes]]:
    """Give the items of a list with their names, each spelt in one way."""
    try:
        raws = _ITEMS.decode(items)
    except (ValueError, RecursionError):
        return
    for raw in raws:
        name = text(fields(raw).get(key))
        if name is not None:
            yield name[:_NAME], msgspec.json.encode(value(raw), order="sorted")


def _changed(found: dict[str, list[_Seen]], pages: list[tuple[_Page, Tally]]) -> list[str]:
    """Give what was defined in several ways at a route, or is missing in a whole list there."""
    whole: dict[str, set[_Page]] = defaultdict(set)
    for page, _ in pages:
        if not page.continues and not page.goes_on:
            whole[page.route].add(page)
    changed = []
    for name, seen in sorted(found.items()):
        definitions: dict[str, set[bytes]] = defaultdict(set)
        on: dict[str, set[_Page]] = defaultdict(set)
        for definition, page, _ in seen:
            definitions[page.route].add(definition)
            on[page.route].add(page)
        if any(len(definitions[route]) > 1 or whole[route] - on[route] for route in on):
            changed.append(name)
    return changed


def _defined(definition: bytes, key: str) -> JsonValue:
    """Give all that is said of an item besides its name, which `key` holds."""
    found = {name: raw for name, raw in fields(Raw(definition)).items() if name != key}
    description = text(found.pop("description", None))
    said: dict[str, JsonValue] = {
        name: text(found.pop(member, None)) for member, name in _TEXTS.items()
    }
    said["description"] = description and description[:_DESCRIPTION]
    said |= {name: value(found.pop(member, None)) for member, name in _PARTS.items()}
    said["more"] = {name: value(raw) for name, raw in found.items()} or None
    return {name: part for name, part in said.items() if part is not None}


def _unknown(
    method: str, listed: _Listed, facts: Facts, pages: list[tuple[_Page, Tally]]
) -> Iterator[Finding]:
    """Find how a use is answered of what is not listed, if the list was read to its end."""
    if all(page.goes_on for page, _ in pages):
        return
    names = {name for _, tally in pages for name, _ in _named(tally.value, listed.name)}
    for use in (use for use, list_ in _USES.items() if list_ == method):
        tally = facts.get("denied", use)
        sights = () if tally is None else tally.sample
        first = next((each for each in sights if each.value.name not in names), None)
        if first is not None:
            yield Finding(
                id=f"{listed.area}.unknown",
                title=f"How the use of a {listed.one} is answered that is not listed",
                value=told(first.value.answered, first.value.name),
                evidence=(first.point.place,),
            )


def _calls(facts: Facts) -> Iterator[Finding]:
    counts: dict[str, dict[str, JsonValue]] = {}
    tallies = []
    for (name, outcome), tally in facts.of("call"):
        counts.setdefault(name, {})[_CALLED[outcome]] = tally.count
        tallies.append(tally)
    if counts:
        title = "The tools that were called, and how that went"
        yield _finding("tools.calls", title, dict(sorted(counts.items())), tallies)


_CALLED = {"result": "answered", "failed": "failed", "error": "errors"}


def _finding(id_: str, title: str, told: JsonValue, tallies: list[Tally]) -> Finding:
    count = sum(tally.count for tally in tallies)
    return Finding(id=id_, title=title, value=told, count=count, evidence=places(tallies))


EXTRACTOR: Extractor = Extractor(
    title="Tools, resources and prompts", turn=_turn, repeats="kind", conclude=_findings
)
