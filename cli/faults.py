"""`wiretape faults`: the ways in which a replayed service can misbehave."""

import json
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from wiretape.replay.arming import When, known
from wiretape.replay.fault import Fault

_EXAMPLES = """
[bold]Examples[/bold]

All of them, with what each is for:
  wiretape faults

One, with what can be chosen about it:
  wiretape faults stream-cut
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("faults", epilog=_EXAMPLES)(faults)


def faults(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Only these.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the faults of a replayed service, and what each of them finds."""
    found = {name: fault for name, fault in known().items() if not names or name in names}
    for name in names or ():
        if name not in found:
            raise typer.BadParameter(f"no fault is called {name}")
    if as_json:
        typer.echo(json.dumps([_described(name, fault) for name, fault in found.items()], indent=2))
        return
    console = Console(soft_wrap=False)
    table = Table("Fault", "What happens", "Finds", box=None, pad_edge=False, padding=(0, 2, 1, 0))
    for name, fault in found.items():
        table.add_row(f"[bold]{name}[/bold]", _title(fault), fault.finds)
    console.print(table)
    console.print("Any of them can be told whom to strike, as in NAME:times=1,user=user-2:")
    console.print(_choices(When))


def _title(fault: Fault[Any]) -> str:
    chosen = _choices(fault.options)
    return f"{fault.title}\n[dim]{chosen}[/dim]" if chosen else fault.title


def _choices(options: type[BaseModel]) -> str:
    return "\n".join(
        f"  {name}: {about.description or ''}" + _default(about.default)
        for name, about in options.model_fields.items()
    )


def _default(value: object) -> str:
    return "" if value in {None, 0} else f" ({value})"


def _described(name: str, fault: Fault[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": fault.title,
        "finds": fault.finds,
        "options": fault.options.model_json_schema().get("properties", {}),
    }
