"""Runs the conformance suite against a client, as `wiretape conform client` does."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from peers.processes import environment
from wiretape.replay.conformance.config import Config, Program
from wiretape.replay.conformance.families import selected
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Result

REFERENCE = ("{python}", "-m", "client", "{upstream.url}")


def conformed(
    command: Sequence[str], folder: Path, *patterns: str, env: dict[str, str] | None = None
) -> dict[str, Result]:
    """Give the results of the checks that match the patterns, or of all, by their ids."""
    paths = {"PYTHONPATH": environment()["PYTHONPATH"]}
    config = Config(client=Program(command=tuple(command), env=paths | (env or {})))
    families = selected("client", patterns)
    recording = asyncio.run(
        perform(
            config,
            families,
            folder,
            target="client",
            began=lambda _: None,
            played=lambda _: None,
            warn=print,
        )
    )
    return {result.id: result for result in judge(families, evidence(recording))}
