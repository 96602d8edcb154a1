"""What the service offers: tools, resources and prompts, page by page."""

import msgspec
from msgspec import Raw

from wiretape.recorder.log.raw import fields, text, texts
from wiretape.recorder.probe.known import Known, Session, Tool
from wiretape.recorder.probe.mcp import Params, call
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk

_LISTS = (
    ("tools/list", "tools"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"),
)
_MOST_PAGES = 10
_WRONG_CURSOR = "wiretape-probe-wrong-cursor"

_ITEMS = msgspec.json.Decoder(tuple[Raw, ...])
_TRUTH = msgspec.json.Decoder(bool)


def walk(known: Known) -> Walk[None]:
    """Read every list to its end, then ask for a page that there is not."""
    if known.session is None:
        raise StepError("there is no session")
    for method, key in _LISTS:
        items = yield from _pages(known, known.session, method, key)
        if items is not None:
            yield Note(f"{method}: {len(items)}")
            if key == "tools":
                known.tools = tuple(tool for item in items if (tool := _tool(item)))
    cursor: Params = {"cursor": _WRONG_CURSOR}
    yield from call(known, known.session, "tools/list, a wrong cursor", "tools/list", cursor)


def _pages(known: Known, session: Session, method: str, key: str) -> Walk[list[Raw] | None]:
    """Read a list; None if there is no such list."""
    items: list[Raw] = []
    cursor: str | None = None
    for page in range(1, _MOST_PAGES + 1):
        params: Params = {} if cursor is None else {"cursor": cursor}
        heard = yield from call(known, session, f"{method}, page {page}", method, params)
        if heard.result is None:
            yield Note(f"{method}: {heard}")
            return items or None
        found = fields(heard.result)
        items += _items(found.get(key))
        cursor = text(found.get("nextCursor"))
        if cursor is None:
            return items
    yield Note(f"{method}: more than {_MOST_PAGES} pages")
    return items


def _items(raw: Raw | None) -> tuple[Raw, ...]:
    try:
        return () if raw is None else _ITEMS.decode(raw)
    except (ValueError, RecursionError):
        return ()


def _tool(raw: Raw) -> Tool | None:
    found = fields(raw)
    name = text(found.get("name"))
    if name is None:
        return None
    hints, schema = fields(found.get("annotations")), fields(found.get("inputSchema"))
    return Tool(
        name=name,
        read_only=_is_true(hints.get("readOnlyHint")),
        bare=not texts(schema.get("required")),
    )


def _is_true(raw: Raw | None) -> bool:
    try:
        return raw is not None and _TRUTH.decode(raw)
    except ValueError:
        return False


STEP = Step(
    id="lists",
    title="tools, resources, resource templates and prompts, with paging",
    position=100,
    walk=walk,
    most=_MOST_PAGES * len(_LISTS) + 1,
    needs=("session",),
)
