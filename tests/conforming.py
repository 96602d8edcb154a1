"""Runs the conformance suite against clients and servers, as `wiretape conform` does."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from peers.processes import environment
from wiretape.replay.conformance import baseline
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.config import Config, Program
from wiretape.replay.conformance.families import selected, with_personas
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Result

BASELINES = Path(__file__).parent / "replay/conformance/baselines"


def conformed(command: Sequence[str], folder: Path, *patterns: str) -> dict[str, Result]:
    """Give what became of a client: of the checks that match the patterns, or of all."""
    paths = {"PYTHONPATH": environment()["PYTHONPATH"]}
    return run(
        "client", Config(client=Program(command=tuple(command), env=paths)), folder, patterns
    )


def run(
    target: Target, config: Config, folder: Path, patterns: Sequence[str] = ()
) -> dict[str, Result]:
    """Give the results of the checks that match the patterns, or of all, by their ids."""
    families = with_personas(selected(target, patterns), config.personas.play)
    recording = asyncio.run(
        perform(
            config,
            families,
            folder,
            target=target,
            began=lambda _: None,
            played=lambda _: None,
            warn=print,
        )
    )
    return {result.id: result for result in judge(families, evidence(recording))}


def unexpected(results: dict[str, Result], name: str) -> dict[str, str]:
    """Give what came out otherwise than a baseline says: what did not pass, and what did."""
    expected = baseline.read(BASELINES / f"{name}.toml")
    return {
        id_: f"{result.outcome}: {result.seen}"
        for id_, result in results.items()
        if (result.outcome == "pass") == (id_ in expected)
    } | dict.fromkeys(expected.keys() - results.keys(), "no such check")
