"""Real SDKs as clients of the reference bridge, and what is said if one is not there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import uvloop

from mutants.clients import personas
from mutants.trying import EXAMPLES
from wiretape.replay.conformance.config import Config, Personas, read
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.families import selected
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.report import Result

AGENTS = {"mcp-1": "python-httpx/", "mcp-2": "python-httpx2/", "typescript": ""}
PLAYED = "connects", "refreshes", "re-authorizes", "comes-back"


def played(name: str, folder: Path, driven: Personas) -> tuple[Mapping[str, Result], Evidence]:
    """Have a persona at the bridge; gives the results by what they are about, and the trial."""
    settings = read(EXAMPLES / "bridge" / "wiretape.toml")
    config: Config = settings.model_copy(update={"personas": driven})
    chosen = selected("bridge", [f"persona.{name}.*"])
    path = uvloop.run(perform(config, chosen, folder, began=print, played=print, warn=pytest.fail))
    whole = evidence(path)
    results = {each.id.rpartition(".")[2]: each for each in judge(chosen, whole)}
    return results, whole.trials[f"persona {name}"]


@pytest.mark.parametrize("name", AGENTS)
def test_an_sdk_connects_and_lives_through_all_of_it(name: str, tmp_path: Path) -> None:
    results, trial = played(name, tmp_path, personas(name))
    assert {what: (each.outcome, each.seen) for what, each in results.items()} == {
        what: ("pass", results[what].seen) for what in PLAYED
    }
    agents = {turn.sent.get("user-agent") or "" for turn in trial.down if turn.rpc}
    assert agents
    assert all(agent.startswith(AGENTS[name]) for agent in agents)
    assert {turn.step for turn in trial.down} == {
        "connects",
        "refreshes",
        "asks again",
        "comes back",
    }


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("no-such-program",), "no-such-program does not start: No such file"),
        (("{python}", "-c", "raise SystemExit('it is too old')"), "it is too old"),
        (("{python}", "-c", "raise SystemExit(3)"), "in silence"),
    ],
)
def test_what_is_missing_is_untestable(command: tuple[str, ...], why: str, tmp_path: Path) -> None:
    driven = Personas(play=("typescript",), commands={"typescript": command})
    results, _ = played("typescript", tmp_path, driven)
    assert {each.outcome for each in results.values()} == {"untestable"}
    assert all(why in each.seen for each in results.values())


def test_an_sdk_that_is_not_beside_the_settings_is_missing(tmp_path: Path) -> None:
    results, _ = played("typescript", tmp_path, Personas(play=("typescript",)))
    assert {each.outcome for each in results.values()} == {"untestable"}
    assert all("personas.commands.typescript" in each.seen for each in results.values())
