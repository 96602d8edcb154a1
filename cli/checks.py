"""`wiretape checks`: what `wiretape conform` asks of a target."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wiretape.cli.check_page import page
from wiretape.recorder.errors import UsageError
from wiretape.replay.conformance.check import Check, Target
from wiretape.replay.conformance.families import TARGETS, families, selected

_EXAMPLES = """
[bold]Examples[/bold]

All of them, by what is tested:
  wiretape checks

Those of a bridge that are about PKCE, with what to do if they fail:
  wiretape checks bridge 'pkce.*'

The ids of those that judge any recording:
  wiretape checks bridge --json | jq -r '.[] | select(.anywhere).id'
"""

type _Listed = tuple[Target, str, Check]
"""A check, with its target and its family's title."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("checks", epilog=_EXAMPLES)(checks)


def checks(
    target: Annotated[
        Target | None,
        typer.Argument(metavar="TARGET", help=f"Only those of a {', '.join(TARGETS)}."),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID…]", help="Only these, in detail; or patterns: 'pkce.*'."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print all there is to know, as Markdown.")
    ] = False,
) -> None:
    """List the checks of `wiretape conform`, and where they come from."""
    if markdown and (target or as_json):
        raise UsageError("--markdown is about all checks, and goes with nothing else")
    if markdown:
        typer.echo(page(), nl=False)
        return
    chosen = list(_chosen(target, ids or []))
    if as_json:
        typer.echo(json.dumps([_described(each) for each in chosen], indent=2))
        return
    Console(highlight=False).print(_table(chosen, detailed=bool(ids)))


def _chosen(target: Target | None, ids: Sequence[str]) -> Iterator[_Listed]:
    for name in TARGETS if target is None else (target,):
        for family in (selected(name, ids) if ids else families(name)).values():
            for check in family.checks:
                yield name, family.title, check


def _table(chosen: Sequence[_Listed], *, detailed: bool) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for (target, title), listed in groupby(chosen, key=lambda each: each[:2]):
        if table.row_count:
            table.add_row("", "")
        table.add_row(Text(target.capitalize(), "bold underline"), Text(title, "bold underline"))
        for _, _, check in listed:
            table.add_row(Text(check.id, "bold"), _told(check, detailed=detailed))
    return table


def _told(check: Check, *, detailed: bool) -> Text:
    said = Text.assemble(
        check.title, "\n", (f"{check.severity}: {check.source.name}", "dim"), no_wrap=False
    )
    if detailed:
        said.append(f"\n{check.source.url}" if check.source.url else "", "dim")
        said.append(f"\n{check.remedy}")
        said.append("\nalso on recordings that nobody played for it" if check.anywhere else "")
    return said


def _described(listed: _Listed) -> dict[str, Any]:
    target, title, check = listed
    return {
        "id": check.id,
        "target": target,
        "about": title,
        "title": check.title,
        "severity": check.severity,
        "source": check.source.name,
        "url": check.source.url,
        "remedy": check.remedy,
        "anywhere": check.anywhere,
    }
