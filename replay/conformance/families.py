"""All checks, found by their files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from types import MappingProxyType, ModuleType

from wiretape.recorder.discovery import discovered
from wiretape.recorder.errors import UsageError
from wiretape.replay.conformance import personas as clients
from wiretape.replay.conformance.check import Check, Family, Target
from wiretape.replay.conformance.checks import bridge, client, gateway, server

_PACKAGES: dict[Target, ModuleType] = {
    "bridge": bridge,
    "client": client,
    "gateway": gateway,
    "server": server,
}
_SERVERS: tuple[Target, ...] = ("bridge", "server")
"""Targets that MCP clients connect to."""

TARGETS: tuple[Target, ...] = tuple(_PACKAGES)
"""The kinds of targets that there are checks for."""


@cache
def families(target: Target) -> Mapping[str, Family]:
    """Give a target's families by the names of their trials. Raises TypeError for an id twice."""
    found = discovered(_PACKAGES[target], "FAMILY", Family)
    if target in _SERVERS:
        found |= {_trial(name): family for name, family in personas().items()}
    ids = [check.id for family in found.values() for check in family.checks]
    twice = {each for each in ids if ids.count(each) > 1}
    if twice:
        raise TypeError(f"checks of the same id: {', '.join(sorted(twice))}")
    return MappingProxyType(found)


@cache
def personas() -> Mapping[str, Family]:
    """Give what each persona does and needs, by their names."""
    found = discovered(clients, "FAMILY", Family)
    return MappingProxyType({name.replace("_", "-"): each for name, each in found.items()})


def checks(target: Target) -> dict[str, Check]:
    """Give a target's checks by their ids."""
    return {check.id: check for family in families(target).values() for check in family.checks}


def selected(target: Target, patterns: Sequence[str]) -> dict[str, Family]:
    """Give the families with the checks whose ids match a pattern; without patterns all.

    Raises UsageError for a pattern that matches none.
    """
    for pattern in patterns:
        if not any(fnmatchcase(id_, pattern) for id_ in checks(target)):
            raise UsageError(f"{pattern}: no such check; see wiretape checks {target}")
    if not patterns:
        return dict(families(target))
    found = {}
    for name, family in families(target).items():
        kept = tuple(
            check
            for check in family.checks
            if any(fnmatchcase(check.id, pattern) for pattern in patterns)
        )
        if kept:
            found[name] = replace(family, checks=kept)
    return found


def with_personas(chosen: Mapping[str, Family], play: Sequence[str]) -> dict[str, Family]:
    """Leave out the personas that are not to be played.

    Raises UsageError for one that there is not, and if nothing is left.
    """
    unknown = set(play) - personas().keys()
    if unknown:
        known = ", ".join(personas())
        raise UsageError(f"personas.play: {min(unknown)}: no such persona; there are {known}")
    left_out = {_trial(name) for name in personas().keys() - set(play)}
    found = {name: family for name, family in chosen.items() if name not in left_out}
    if not found:
        raise UsageError("all that was chosen is about personas that personas.play does not name")
    return found


def _trial(persona: str) -> str:
    return f"persona {persona}"
