"""The options that say how a replayed service misbehaves."""

from pathlib import Path
from typing import Annotated

import typer

from wiretape.replay.arming import Plan, plan
from wiretape.replay.scenario import read

Faults = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:k=v,…]", help="Misbehave in this way; see [bold]wiretape faults[/bold]."
    ),
]
Scenario = Annotated[
    Path | None,
    typer.Option(metavar="FILE", readable=False, help="Misbehave as this TOML file says."),
]


def plans(faults: list[str] | None, scenario: Path | None) -> tuple[Plan, ...]:
    """Give what is to be armed, the scenario's first. Raises UsageError and BadInputError."""
    found = read(scenario) if scenario is not None else ()
    return (*found, *map(plan, faults or []))
