"""Runs the suite against a reference system, as `wiretape conform` does."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop

from mutants import bridge, client, gateway, server
from mutants.clients import personas_about
from mutants.mistake import Mistake, mistakes
from peers.forking import forked
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.config import Config
from wiretape.replay.conformance.families import checks, selected, with_personas
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Result

TESTS = Path(__file__).parents[1]
EXAMPLES = TESTS.parent / "examples"

SYSTEMS: dict[Target, Mapping[str, Mistake]] = {
    "bridge": mistakes(bridge),
    "client": mistakes(client),
    "gateway": mistakes(gateway),
    "server": mistakes(server),
}
"""The mistakes of each reference system, by name."""


def tried(target: Target, folder: Path, *patterns: str, profile: str | None = None) -> list[Result]:
    """Run the checks that match a pattern, or all, against a system as it ought to be.

    Without a `profile` it is that of the system's `wiretape.toml`.
    """
    config = _config(target, profile)
    played = {"personas": personas_about(*checks(target))}
    return _tried(target, config.model_copy(update=played), folder, patterns)


def broken(target: Target, name: str, folder: Path, *patterns: str) -> list[Result]:
    """Run the checks that match a pattern, or all, against a system with a mistake.

    Raises EnvironmentFaultError if it does not even start.
    """
    found = SYSTEMS[target][name]
    config = _config(target, found.profile)
    described = "client" if target == "client" else "target"
    system = getattr(config, described)
    _, minus_m, module, *words = system.command
    assert (minus_m, module) == ("-m", target)
    command = (*forked(f"mutants.{target}"), name, "--", *words)
    env = {**system.env, "PYTHONPATH": str(TESTS)}
    wrong = system.model_copy(update={"command": command, "env": env})
    changed = {described: wrong, "personas": personas_about(found.fails)}
    return _tried(target, config.model_copy(update=changed), folder, patterns)


def _config(target: Target, profile: str | None) -> Config:
    config = configs.read(EXAMPLES / target / "wiretape.toml")
    if profile is None:
        return config
    upstream = config.upstream.model_copy(update={"profile": profile})
    return config.model_copy(update={"upstream": upstream})


def _tried(target: Target, config: Config, folder: Path, patterns: Sequence[str]) -> list[Result]:
    chosen = with_personas(selected(target, patterns), config.personas.play)
    recording = uvloop.run(
        perform(config, chosen, folder, target=target, began=_unsaid, played=_unsaid, warn=_unsaid)
    )
    return list(judge(chosen, evidence(recording)))


def _unsaid(_: object) -> None:
    pass
