"""`wiretape show`: a recording as a readable timeline."""

import gc
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import batched
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console
from rich.segment import Segment, Segments
from rich.style import Style

from wiretape.cli.timeline.layout import Styled, cut_end, lay_out
from wiretape.cli.timeline.rows import of_exchange, of_record
from wiretape.cli.timeline.seen import Seen, Timeline, timeline
from wiretape.cli.timeline.summary import after, before
from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.reader import Line, read
from wiretape.recorder.log.records import Mark
from wiretape.recorder.log.sessions import Session

_EXAMPLES = """
[bold]Examples[/bold]

Everything, in colour, a page at a time:
  FORCE_COLOR=1 wiretape show FILE | less -R

What went wrong in the second session:
  wiretape show FILE --session 2 --kind error

The OAuth exchanges, for a program:
  wiretape show FILE --kind oauth --json
"""

_AT_ONCE = 1000
"""Lines that are printed at once."""

type Kind = Literal["mcp", "oauth", "other", "error"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show", epilog=_EXAMPLES)(show)


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The recording.")],
    session: Annotated[
        str | None,
        typer.Option(metavar="ID|NUMBER", help="Only this session, with its OAuth exchanges."),
    ] = None,
    kind: Annotated[
        list[Kind] | None,
        typer.Option(help="Only exchanges of this kind; error is whatever went wrong."),
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option(metavar="401|4xx", help="Only answers with this status.")
    ] = None,
    events: Annotated[
        int, typer.Option(min=0, help="Show at most this many events of each exchange.")
    ] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, for programs.")
    ] = False,
) -> None:
    """Show a recording as a timeline.

    One line for each exchange; below it, each at its time, the events of its stream, and how it
    ended, if not well. The columns: t in seconds since the start, # the exchange, s the session.
    """
    patterns = [_pattern(text) for text in status or ()]
    with read(file) as reading, _nothing_collected():
        found = timeline(reading)
    lines = None if session is None else _lines(_session(found, session, file))
    shown = [
        seen
        for seen in found.exchanges
        if (lines is None or seen.line in lines)
        and (not kind or seen.kind in kind or ("error" in kind and seen.failed))
        and (not patterns or any(pattern.fullmatch(str(seen.status)) for pattern in patterns))
    ]
    apart = [] if session or patterns else [line for line in found.apart if _is_of(line, kind)]
    if as_json:
        _print_json(shown, apart, found.cut)
    else:
        console = Console(highlight=False)
        fits = console.is_terminal or "COLUMNS" in os.environ  # a pipe has no width
        width = console.width if fits else None
        _print(console, _page(found, shown, apart, events, width))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the garbage collector from what is made here: all of it stays, and there is much."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _pattern(text: str) -> re.Pattern[str]:
    if not re.fullmatch(r"[1-5](\d\d|xx)", text):
        raise UsageError(f"--status {text}: say a status such as 401, or a class such as 4xx")
    return re.compile(text.replace("xx", ".."))


def _session(found: Timeline, wanted: str, file: Path) -> Session:
    by_name = {str(session.number): session for session in found.sessions}
    by_name |= {session.id: session for session in found.sessions if session.id is not None}
    if wanted not in by_name:
        known = ", ".join(str(session.number) for session in found.sessions[:20]) or "none"
        raise UsageError(f"--session {wanted}: not in {file}; sessions there: {known}")
    return by_name[wanted]


def _lines(session: Session) -> set[int]:
    """Give the lines of a session's exchanges, and of the OAuth exchanges that gave its tokens."""
    exchanges = list(session.exchanges)
    for grant in session.grants:
        exchanges += (*grant.discovery, *grant.authorization, *grant.refused)
        exchanges += [issue.exchange for issue in grant.issues]
        exchanges += [grant.registration] if grant.registration else []
    return {exchange.lines.request for exchange in exchanges}


def _is_of(line: Line, kinds: list[Kind] | None) -> bool:
    return not kinds or ("error" in kinds and not isinstance(line.record, Mark))


def _page(
    found: Timeline, shown: list[Seen], apart: list[Line], most_events: int, width: int | None
) -> Iterator[Styled]:
    placed = [row for seen in shown for row in of_exchange(seen, most_events)]
    placed += [row for line in apart if (row := of_record(line))]
    rows = [row for _, _, row in sorted(placed, key=itemgetter(0, 1))]
    for line in (*before(found), []):
        yield cut_end(line, width)
    yield from lay_out(rows, width)
    for line in ([], *after(found, len(shown))):
        yield cut_end(line, width)


def _print(console: Console, lines: Iterable[Styled]) -> None:
    for some in batched(lines, _AT_ONCE, strict=False):
        segments: list[Segment] = []
        for line in some:
            segments += [Segment(text, Style.parse(style)) for text, style in line if text]
            segments.append(Segment.line())
        with console.capture() as printed:  # printing, rich would itself end the program: `| head`
            console.print(Segments(segments), end="", soft_wrap=True)
        typer.echo(printed.get(), nl=False, color=True)


def _print_json(shown: list[Seen], apart: list[Line], cut: int | None) -> None:
    objects: list[object] = [*shown, *({"line": n, **msgspec.to_builtins(r)} for n, r in apart)]
    if cut is not None:
        objects.append({"type": "cut", "line": cut})
    for item in objects:
        typer.echo(_printable_json(msgspec.json.encode(item).decode()))


def _printable_json(text: str) -> str:
    """Escape what a terminal might obey: in JSON it can only be in strings."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
