from dataclasses import replace

import pytest

from play import Play, call, result
from trials import SIDES, TARGET, Trial
from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.evidence import STUCK, Evidence
from wiretape.replay.conformance.judging import judge
from wiretape.replay.conformance.reading import Whole, sorted_out
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

URL = f"{TARGET}/mcp"


def pings(evidence: Evidence) -> Verdict:
    """A ping is answered with 200."""
    for turn in evidence.down:
        return judged(turn.status == 200, f"answered {turn.status}", turn)
    return untestable("nobody pinged")


async def play(stage: Stage) -> None:
    del stage


CHECK = Check(
    id="ping.answered",
    title="A ping is answered",
    severity="MUST",
    source=Source("MCP", "https://mcp.example/ping"),
    remedy="Answer it.",
    judge=pings,
)


def family(**other: object) -> Family:
    return Family(title="Pings", checks=(replace(CHECK, **other),), play=play)


def only(whole: Whole, tested: Family, name: str = "trial") -> tuple[str, str]:
    (found,) = judge({name: tested}, whole)
    return found.outcome, found.seen


def pinged(status: int) -> Whole:
    trial = Trial()
    trial.answer(trial.post(URL, call(1, "ping")), result(1), status=status)
    return trial.whole


def test_a_result_says_all_that_is_needed_to_mend_it() -> None:
    (found,) = judge({"trial": family()}, pinged(500))
    assert (found.id, found.family, found.outcome) == ("ping.answered", "trial", "fail")
    assert (found.source, found.url, found.remedy) == (
        "MCP",
        "https://mcp.example/ping",
        "Answer it.",
    )
    assert found.lines == (3, 4)
    assert found.bad


@pytest.mark.parametrize(
    ("severity", "status", "outcome"),
    [
        ("MUST", 200, "pass"),
        ("MUST", 500, "fail"),
        ("seed", 500, "fail"),
        ("SHOULD", 500, "warn"),
        ("SHOULD", 200, "pass"),
    ],
)
def test_what_only_should_be_is_a_warning(severity: str, status: int, outcome: str) -> None:
    assert only(pinged(status), family(severity=severity))[0] == outcome


def test_what_nobody_played_is_untestable() -> None:
    outcome, seen = only(pinged(200), family(), "another")
    assert (outcome, seen) == ("untestable", "nobody played another in this recording")


def test_what_is_untestable_says_where_the_play_was_stuck() -> None:
    trial = Trial()
    trial.mark(STUCK, "registration failed")
    assert only(trial.whole, family()) == ("untestable", "nobody pinged: registration failed")


def test_a_live_recording_is_judged_where_a_check_finds_its_way() -> None:
    live = Play()
    live.answer(live.post(URL, call(1, "ping")), result(1))
    whole = sorted_out(live.lines, SIDES)
    assert only(whole, family())[0] == "untestable"
    assert only(whole, family(anywhere=True)) == ("pass", "answered 200")


def test_without_a_play_everything_is_judged() -> None:
    assert only(pinged(200), replace(family(), play=None), "anything") == ("pass", "answered 200")
