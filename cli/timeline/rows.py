"""Says in words and columns what the timeline holds: the pure part of showing it."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from wiretape.cli.timeline.layout import Row
from wiretape.cli.timeline.seen import Ended, Heard, Says, Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.printable import printable
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Error, Gap, Mark, Record
from wiretape.recorder.log.urls import endpoint, query

_STYLES = {"mcp": "cyan", "oauth": "magenta", "other": ""}
_GRANTS = {"authorization_code": "code", "refresh_token": "refresh"}
_PURPOSES = {"GET": "stream", "DELETE": "end of session"}
_UNITS = ("B", "kB", "MB", "GB", "TB")
_LONGEST = 500
"""Characters that are shown of one text: nobody reads more, and untrusted text may be huge."""


class Placed(NamedTuple):
    """A row with what orders it: seconds since the start, then the number of its line."""

    t: float
    line: int
    row: Row


def of_exchange(seen: Seen, most_events: int) -> Iterator[Placed]:
    """Give the rows of an exchange: itself, its events, and its end if that is no proper one."""
    yield Placed(seen.t, seen.line, _exchange(seen))
    for heard in seen.events[:most_events]:
        yield Placed(heard.t, heard.line, _event(heard, seen))
    if rest := seen.events[most_events:]:
        row = _inside(rest[0], seen, f"… {counted(len(rest), 'more event')}")
        row = replace(row, size=_size(sum(heard.size for heard in rest)))
        yield Placed(rest[0].t, rest[0].line, row)
    ended = seen.ended
    if ended is not None and ended.how != "complete":
        text = ": ".join(filter(None, (ended.how, ended.detail)))
        row = _inside(ended, seen, wrong=text) if seen.failed else _inside(ended, seen, text)
        yield Placed(ended.t, ended.line, row)


def of_record(line: Line) -> Placed | None:
    """Give the row of a record that belongs to no exchange; nothing for any other."""
    record = line.record
    row = Row(**_when(record))
    match record:
        case Gap():
            wrong = f"{counted(record.lost, 'record')} lost: {record.reason}"
            row = replace(row, method="GAP", wrong=_short(wrong))
        case Mark():
            text = f"{record.name} {record.detail or ''}".rstrip()
            row = replace(row, method="MARK", inside=_short(text), style="bold")
        case Error(exchange=None):
            wrong = f"{record.peer or ''} {record.kind} error: {record.detail}"
            row = replace(row, method="ERROR", wrong=_short(wrong.strip()))
        case _:
            return None
    return Placed(record.t, line.number, row)


def _exchange(seen: Seen) -> Row:
    status = seen.status
    what = (
        f"←{seen.cause}" if seen.cause is not None else "",
        ", ".join(map(_says, seen.says)) or _purpose(seen),
        f"redirect →{seen.leads_to}" if seen.leads_to is not None else "",
    )
    return Row(
        **_when(seen),
        number=str(seen.exchange),
        session=str(seen.session or ""),
        method=_short(seen.method),
        request=_url(seen.url),
        status="---" if status is None else str(status),
        what=_short(" ".join(filter(None, what))),
        wrong=_short(seen.error or ""),
        took="open" if seen.took is None else _duration(seen.took),
        size=_size(seen.size),
        status_style=_status_style(status),
        style=_STYLES[seen.kind],
    )


def _event(heard: Heard, seen: Seen) -> Row:
    said = ", ".join(map(_says, heard.says)) or heard.text or ""
    named = heard.event not in (None, "message")
    wrong = ", ".join(says.detail for says in heard.says if says.detail)
    return _inside(heard, seen, f"{heard.event}: {said}" if named else said, wrong)


def _inside(what: Heard | Ended, seen: Seen, text: str = "", wrong: str = "") -> Row:
    return Row(
        **_when(what),
        number=str(seen.exchange),
        session=str(seen.session or ""),
        inside=_short(f"╰ {text}".rstrip()),
        wrong=_short(wrong),
        size=_size(what.size) if isinstance(what, Heard) else "",
        style=_STYLES[seen.kind],
    )


def _says(said: Says) -> str:
    match said.message:
        case "call":
            return " ".join(filter(None, (said.method, said.name)))
        case "notification":
            return f"notify {(said.method or '').removeprefix('notifications/')}"
        case "malformed":
            return "malformed"
        case answer:
            return f"{answer} {said.method or 'to nothing'}"


def _purpose(seen: Seen) -> str:
    """Say what is asked where no message says it."""
    if seen.step == "token":
        return f"token ({_GRANTS.get(seen.grant_type or '', seen.grant_type)})"
    return seen.step or (_PURPOSES.get(seen.method, "") if seen.kind == "mcp" else "")


def _status_style(status: int | None) -> str:
    if status is None or status >= 400:
        return "bold red"
    return "yellow" if status >= 300 else "green"


def _when(what: Seen | Heard | Ended | Record) -> dict[str, str]:
    return {"clock": f"{what.at:%H:%M:%S}", "t": _seconds(what.t)}


def _seconds(t: float) -> str:
    return f"{t:.3f}" if abs(t) < 1e7 else f"{t:.3g}"


def _duration(seconds: float) -> str:
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 99.95:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 1e7 else f"{seconds / 60:.3g} min"


def _size(size: float) -> str:
    if not size:
        return ""
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.1f} {unit}" if size < 9.95 and unit != "B" else f"{size:.0f} {unit}"


def _url(url: str) -> str:
    """Leave out what is in every URL; a query is only hinted at."""
    short = _short(endpoint(url)).removeprefix("https://")
    return f"{short}?…" if query(url) else short


def _short(text: str) -> str:
    return printable(text[:_LONGEST])
