"""Which steps run."""

import pytest

from wiretape.recorder.errors import UsageError
from wiretape.recorder.probe.plan import all_steps, in_order, most_requests, plan

STEPS = all_steps()


def running(**options: object) -> list[str]:
    return [item.step.id for item in plan(STEPS, **options) if not item.left_out]  # type: ignore[arg-type]  # the options of plan


def test_the_steps_are_all_there_in_the_order_of_a_service_s_life():
    assert [step.id for step in STEPS] == [
        "challenge",
        "discovery",
        "registration",
        "wrong-verifier",
        "reused-code",
        "authorize",
        "token",
        "connect",
        "revisions",
        "lists",
        "calls",
        "mistakes",
        "content",
        "slash",
        "cors",
        "session",
        "refresh",
        "lifecycle",
        "refresh-reuse",
        "revocation",
    ]


def test_without_leave_nothing_is_written_or_burnt():
    assert {step.effect for step in STEPS if step.id in running()} == {"reads"}
    assert set(running(active=True)) == {step.id for step in STEPS} - {"lifecycle"}


def test_a_step_that_waits_is_asked_for_by_its_option():
    assert "lifecycle" in running(options=["--lifecycle"])


def test_a_step_can_be_skipped():
    assert running(skip=["cors"], active=True) == [
        name for name in running(active=True) if name != "cors"
    ]


def test_one_step_brings_those_that_it_needs():
    assert running(only=["lists"], active=True) == [
        "discovery",
        "registration",
        "authorize",
        "token",
        "connect",
        "lists",
    ]
    assert running(only=["cors", "challenge"]) == ["challenge", "cors"]


def test_why_a_step_is_left_out_is_told():
    why = {item.step.id: item.left_out for item in plan(STEPS, skip=["cors"])}
    assert why["cors"] == "skipped"
    assert why["registration"] == "writes: only with --active"
    assert why["revocation"] == "burns tokens: only with --active"
    assert why["lifecycle"] == "only with --lifecycle"
    assert why["challenge"] is None


@pytest.mark.parametrize("option", ["only", "skip"])
def test_an_unknown_step_is_a_mistake(option: str):
    with pytest.raises(UsageError, match="no step 'corse': the steps are challenge, discovery"):
        running(**{option: ["corse"]})


def test_the_bound_is_that_of_the_steps_that_run():
    (challenge,) = (step for step in STEPS if step.id == "challenge")
    assert most_requests(plan(STEPS, only=["challenge"])) == challenge.most


def test_what_a_step_needs_is_given_before():
    given: set[str] = set()
    for step in STEPS:
        assert set(step.needs) <= given
        given |= set(step.gives)


def test_no_two_steps_share_an_id_or_a_position():
    with pytest.raises(ValueError, match="challenge"):
        in_order([STEPS[0], STEPS[0]])
