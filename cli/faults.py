"""`wiretape faults`: the ways in which a replayed service can misbehave."""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from wiretape.cli.fault_list import Choice, Listed, conditions, listed
from wiretape.cli.fault_page import page
from wiretape.recorder.errors import UsageError
from wiretape.replay.arming import unknown

_EXAMPLES = """
[bold]Examples[/bold]

All of them, with what each is for:
  wiretape faults

One, with what can be chosen about it:
  wiretape faults stream-cut

The names of those that are about tokens:
  wiretape faults --json | jq -r '.[] | select(.about == "tokens").name'
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("faults", epilog=_EXAMPLES)(faults)


def faults(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Only these, in detail.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print all there is to know, as Markdown.")
    ] = False,
) -> None:
    """List the faults of a replayed service, and what each of them finds."""
    if markdown and (names or as_json):
        raise UsageError("--markdown is about all faults, and goes with nothing else")
    if markdown:
        typer.echo(page(), nl=False)
        return
    chosen = _chosen(names or [])
    if as_json:
        typer.echo(json.dumps([_described(each) for each in chosen], indent=2))
        return
    console = Console(highlight=False)
    console.print(_detailed(chosen) if names else _overview(chosen))


def _chosen(names: Sequence[str]) -> tuple[Listed, ...]:
    """Give the faults of these names, or all. Raises UsageError."""
    found = {each.name: each for each in listed()}
    for name in names:
        if name not in found:
            raise UsageError(unknown(name))
    return tuple(found[name] for name in names or found)


def _overview(chosen: Iterable[Listed]) -> Table:
    table = _columns()
    about = None
    for each in chosen:
        if each.fault.about != about:
            if about is not None:
                table.add_row("", "")
            about = each.fault.about
            table.add_row(Text(about.capitalize(), "bold underline"))
        table.add_row(Text(each.name, "bold"), _told(each))
    table.add_row("", "")
    table.add_row(
        Text("To arm", "bold underline"),
        "wiretape replay PROFILE --fault NAME:key=value,key=value, or --scenario FILE. "
        "`wiretape faults NAME` tells what can be chosen.",
    )
    return table


def _detailed(chosen: Iterable[Listed]) -> Table:
    table = _columns()
    for each in chosen:
        table.add_row(Text(each.name, "bold"), _told(each))
        _add(table, each.choices)
        table.add_row("", "")
    table.add_row(Text("Whom it strikes", "bold underline"), Text("all must hold", "dim"))
    _add(table, conditions())
    return table


def _columns() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    return table


def _told(each: Listed) -> Text:
    return Text.assemble(each.fault.title, "\n", (f"finds {each.fault.finds}", "dim"))


def _add(table: Table, choices: Iterable[Choice]) -> None:
    for choice in choices:
        usually = "" if choice.usually is None else f" ({choice.usually})"
        table.add_row(Padding(Text(choice.name), (0, 0, 0, 2)), Text(choice.meaning + usually))


def _described(each: Listed) -> dict[str, Any]:
    return {
        "name": each.name,
        "about": each.fault.about,
        "title": each.fault.title,
        "finds": each.fault.finds,
        "options": each.fault.options.model_json_schema().get("properties", {}),
    }
