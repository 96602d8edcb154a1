"""Lays out the timeline in columns: the pure part of printing it."""

from collections.abc import Iterator

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

type Styled = list[tuple[str, str]]
"""A line: pieces of text, each with its style in rich's words."""

_CLOCK_FROM = 110
"""The width from which on there is room for the time of day."""

_ALIGNED = 60
"""How far the columns of any length are aligned where nothing is cut."""

_LEFT = ("clock", "t", "number", "session", "method")
_MIDDLE = ("request", "status", "what")
_RIGHT = ("took", "size")
_TO_THE_RIGHT = {"t", "number", "session", "took", "size"}
_STYLES = {"method": "bold", "request": ""}


class Row(Struct, frozen=True, kw_only=True):
    """One line of the timeline, in printable text; columns that all rows leave empty are left out.

    `inside` stands in place of `request`, `status` and `what`. `wrong` stands in red behind `what`
    or `inside`. Where there is too little room `request` loses its beginning, all else its end.
    """

    clock: str = ""
    t: str = ""
    number: str = ""
    session: str = ""
    method: str = ""
    request: str = ""
    status: str = ""
    what: str = ""
    inside: str = ""
    wrong: str = ""
    took: str = ""
    size: str = ""
    style: str = ""
    status_style: str = ""

    @property
    def spans(self) -> bool:
        """Whether it is not divided into request, status and what."""
        return bool(self.inside) or not self.request


_HEAD = Row(
    clock="time",
    t="t",
    number="#",
    session="s",
    request="request",
    what="what",
    took="took",
    size="size",
    style="dim",
)


def lay_out(rows: list[Row], width: int | None) -> Iterator[Styled]:
    """Give a head and each row as a line of at most `width` cells; without a width none is cut."""
    widths = {
        name: max((_cells(_cell(row, name)) for row in rows), default=0)
        for name in (*_LEFT, *_MIDDLE, *_RIGHT)
    }
    widths |= {name: max(used, len(getattr(_HEAD, name))) for name, used in widths.items() if used}
    if width is None:
        widths |= {name: min(widths[name], _ALIGNED) for name in ("request", "what")}
    else:
        if width < _CLOCK_FROM:
            widths["clock"] = 0
        _fit(widths, width)
    for row in (_HEAD, *rows):
        yield _line(row, widths, cut=width is not None)


def _fit(widths: dict[str, int], width: int) -> None:
    """Share between request and what the room that the other columns leave."""
    request, what = widths.pop("request"), widths.pop("what")
    room = width - sum(taken + 1 for taken in widths.values() if taken) - 1
    what = max(4, min(what, max(room - request, room // 2), room - 4))
    widths |= {"request": max(4, room - what), "what": what}


def _line(row: Row, widths: dict[str, int], *, cut: bool) -> Styled:
    middle: tuple[str, ...] = _MIDDLE
    if row.spans:
        middle = ("inside",)
        covered = _MIDDLE if row.size or row.took else (*_MIDDLE, *_RIGHT)
        widths = widths | {"inside": sum(widths[name] + 1 for name in covered if widths[name]) - 1}
    line: Styled = []
    for name in (*_LEFT, *middle, *_RIGHT):
        if width := widths[name]:
            cell = _cell(row, name)
            if cut:
                cell = _cut_beginning(cell, width) if name == "request" else cut_end(cell, width)
            padding = (" " * (width - _cells(cell)), "")
            line += [padding, *cell] if name in _TO_THE_RIGHT else [*cell, padding]
            line.append((" ", ""))
    while line and not line[-1][0].strip():
        line.pop()
    return line


def _cell(row: Row, name: str) -> Styled:
    value = getattr(row, name)
    if name == "status":
        return [(value, row.status_style)]
    if name == "what" and row.spans:
        return []
    if name in ("what", "inside"):
        between = " " if value and row.wrong else ""
        return [(value, row.style), (between, ""), (row.wrong, "bold red")]
    return [(value, _STYLES.get(name, "dim"))]


def cut_end(line: Styled, width: int | None) -> Styled:
    """Cut to `width` cells, if there is one; an ellipsis shows that something is missing."""
    if width is None or _cells(line) <= width:
        return line
    kept: Styled = []
    room = width - 1
    for text, style in line:
        part = text if cell_len(text) <= room else set_cell_size(text, room)
        kept.append((part, style))
        room -= cell_len(part)
    return [*kept, ("…", kept[-1][1])]


def _cut_beginning(line: Styled, width: int) -> Styled:
    if _cells(line) <= width:
        return line
    ((text, style),) = line
    kept = text[-width:]
    while cell_len(kept) >= width:
        kept = kept[1:]
    return [(f"…{kept}", style)]


def _cells(line: Styled) -> int:
    return sum(len(text) if text.isascii() else cell_len(text) for text, _ in line)
