from pathlib import Path

import pytest

from play import Play, call, result
from trials import SERVICE, SIDES, TARGET, Trial
from wiretape.recorder.errors import BadInputError
from wiretape.replay.conformance.evidence import OVER, STUCK, TRIAL, Sides
from wiretape.replay.conformance.evidence import SIDES as SIDES_MARK
from wiretape.replay.conformance.reading import evidence, sides_mark

MCP = f"{TARGET}/mcp"
UPSTREAM = f"{SERVICE}/v1/mcp"


def test_turns_are_sorted_by_side_trial_and_step() -> None:
    trial = Trial("calls")
    first = trial.post(MCP, call(1, "ping"))
    trial.step("the second")
    second = trial.post(UPSTREAM, call(2, "ping"))
    trial.answer(first, result(1))
    trial.answer(second, result(2))
    found = trial.evidence
    assert [turn.rpc for turn in found.down] == ["ping"]
    assert [turn.step for turn in found.turns] == [None, "the second"]
    assert found.at("the second").turns == found.up


def test_turns_stand_in_the_order_of_their_requests() -> None:
    trial = Trial()
    slow, fast = trial.post(MCP, call(1, "a")), trial.post(MCP, call(2, "b"))
    trial.answer(fast, result(2))
    trial.answer(slow, result(1))
    assert [turn.rpc for turn in trial.evidence.turns] == ["a", "b"]


def test_what_goes_elsewhere_is_on_no_side() -> None:
    trial = Trial()
    trial.answer(trial.post("https://telemetry.example/", call(1, "ping")))
    assert trial.evidence.turns == ()


def test_without_a_service_all_else_is_upstream() -> None:
    sides = Sides(frozenset({TARGET}))
    assert (sides.of(MCP), sides.of("https://any.example/x")) == ("down", "up")


def test_without_a_target_all_that_the_service_is_not_asked_is_downstream() -> None:
    sides = Sides(frozenset(), frozenset({SERVICE}))
    assert (sides.of(f"{SERVICE}/x"), sides.of("https://any.example/x")) == ("up", "down")


def test_a_step_ends_with_its_trial() -> None:
    trial = Trial("one")
    trial.step("last")
    trial.mark(OVER, "one")
    trial.mark(TRIAL, "two")
    trial.answer(trial.post(MCP, call(1, "ping")), result(1))
    assert trial.whole.trials["two"].turns[0].step is None


def test_between_trials_turns_are_only_of_everything() -> None:
    trial = Trial("one")
    trial.mark(OVER, "one")
    trial.answer(trial.post(MCP, call(1, "ping")), result(1))
    whole = trial.whole
    assert (len(whole.everything.turns), whole.trials["one"].turns) == (1, ())


def test_notes_and_what_the_play_was_stuck_at() -> None:
    trial = Trial()
    trial.step("login")
    trial.note("leak", "an access token in the log")
    trial.mark(STUCK, "registration failed")
    found = trial.evidence
    assert found.noted("leak") == ("an access token in the log",)
    assert found.at("login").noted("leak") == ("an access token in the log",)
    assert found.at("another").noted("leak") == ()
    assert found.stuck == "registration failed"


def test_the_recording_tells_its_sides(tmp_path: Path) -> None:
    play = Play()
    play.mark(SIDES_MARK, sides_mark(SIDES))
    play.answer(play.post(UPSTREAM, call(1, "ping")), result(1))
    assert len(evidence(play.write(tmp_path / "run.jsonl")).everything.up) == 1


@pytest.mark.parametrize("told", [None, "{", "[]", '{"target": 3, "service": []}'])
def test_a_recording_that_does_not_tell_needs_to_be_told(tmp_path: Path, told: str | None) -> None:
    play = Play()
    play.mark(SIDES_MARK, told)
    file = play.write(tmp_path / "run.jsonl")
    with pytest.raises(BadInputError, match="--target-origin URL"):
        evidence(file)
    assert evidence(file, SIDES).everything.turns == ()


@pytest.mark.parametrize(
    ("details", "found"),
    [
        (["15.5"], 15.5),
        (["soon", "2"], 2),
        (["nan", "inf", "-inf", ""], 0),
        (["1" * 400], 0),
        ([], 0),
    ],
)
def test_a_number_that_was_noted(details: list[str], found: float) -> None:
    trial = Trial()
    for detail in details:
        trial.note("due", detail)
    assert trial.evidence.number("due") == found
