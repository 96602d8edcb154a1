"""Personas at a server: they send what their users have configured, and spoil what ends a grant."""

from pathlib import Path

import pytest
import uvloop

from mutants.clients import personas
from mutants.trying import EXAMPLES
from wiretape.replay.conformance.config import Server, read
from wiretape.replay.conformance.evidence import Turn, calls
from wiretape.replay.conformance.families import personas as all_personas
from wiretape.replay.conformance.families import selected
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.terms.endpoint import params
from wiretape.replay.conformance.terms.grants import refreshes

TOOL, ARGUMENTS = "add_note", {"text": "to do"}


@pytest.mark.parametrize("name", all_personas())
def test_what_users_configure_is_sent(name: str, tmp_path: Path) -> None:
    configured = Server(headers={"x-team": "notes"}, calls={TOOL: ARGUMENTS})
    told = {"server": configured, "personas": personas(name)}
    config = read(EXAMPLES / "server" / "wiretape.toml").model_copy(update=told)
    chosen = selected("server", [f"persona.{name}.*"])
    performance = perform(
        config, chosen, tmp_path, target="server", began=print, played=print, warn=pytest.fail
    )
    trial = evidence(uvloop.run(performance)).trials[f"persona {name}"]
    assert {turn.sent.get("x-team") for turn in trial.down if turn.said} == {"notes"}
    asked = [params(turn) for turn in calls(trial.down, "tools/call")]
    assert [(each["name"], each["arguments"]) for each in asked] == [(TOOL, ARGUMENTS)] * len(asked)
    assert asked
    assert trial.up == ()
    spoilt = next(note for note in trial.notes if note.name == "spoilt")
    assert "invalid_grant" in map(_error, refreshes(trial.at(spoilt.step or "").down))


def _error(turn: Turn) -> object:
    return turn.fields.get("error")
