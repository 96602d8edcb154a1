from collections.abc import Callable

import pytest

from play import call, failure, note, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.report import Shown
from wiretape.replay.conformance.sighting import sightings

MCP = f"{TARGET}/mcp"


def said(act: Callable[[Trial], None]) -> tuple[str, str]:
    trial = Trial()
    act(trial)
    (found,) = trial.evidence.turns
    (shown,) = sightings(trial.evidence, found.lines)
    return shown.asked, shown.answered


def test_a_tool_is_named() -> None:
    def act(trial: Trial) -> None:
        trial.answer(trial.post(MCP, call(1, "tools/call", name="notes_add")), result(1))

    assert said(act) == ("POST /mcp tools/call notes_add", "200 result")


def test_what_a_stream_brings_is_told_last() -> None:
    def act(trial: Trial) -> None:
        post = trial.post(MCP, call(1, "tools/call", name=3))
        trial.stream(post)
        trial.event(post, note("notifications/progress"))
        trial.event(post, note("notifications/message"))
        trial.event(post, failure(1, -32602))
        trial.end(post, "server abort")

    assert said(act) == (
        "POST /mcp tools/call",
        "200 notifications/message error -32602 (broken off)",
    )


def test_an_error_of_oauth_is_told() -> None:
    def act(trial: Trial) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": "r"}
        post = trial.request("POST", f"{TARGET}/token", form=form)
        trial.answer(post, {"error": "invalid_grant"}, status=400)

    assert said(act) == ("POST /token refresh_token", "400 invalid_grant")


def test_a_redirect_is_told_without_its_query() -> None:
    def act(trial: Trial) -> None:
        get = trial.request("GET", f"{TARGET}/authorize?response_type=code&client_id=c")
        trial.answer(get, status=302, headers={"location": f"{SERVICE}/authorize?state=s"})

    assert said(act) == ("GET /authorize", f"302 to {SERVICE}/authorize")


def test_no_answer_is_told() -> None:
    def fails(trial: Trial) -> None:
        trial.fail(trial.post(MCP, result(1)))

    def begins(trial: Trial) -> None:
        trial.post(MCP, note("notifications/initialized"))

    def streams(trial: Trial) -> None:
        trial.stream(trial.listen(MCP))

    assert said(fails) == ("POST /mcp (an answer)", "no answer: connect")
    assert said(begins) == ("POST /mcp notifications/initialized", "no answer")
    assert said(streams) == ("GET /mcp", "200 (never ended)")


def test_only_what_the_lines_are_of_is_shown_with_its_step_and_sides() -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, call(1, "ping")), result(1))
    trial.step("upstream")
    up = trial.post(f"{SERVICE}/v1/mcp", call(1, "ping"))
    consent = trial.request("GET", f"{SERVICE}/authorize?response_type=code&client_id=c")
    trial.answer(up, result(1))
    trial.answer(consent)
    _, asked, browsed = trial.evidence.turns
    assert sightings(trial.evidence, (asked.lines[-1], browsed.lines[0])) == (
        Shown(
            by="target",
            to="service",
            asked="POST /v1/mcp ping",
            answered="200 result",
            step="upstream",
            lines=asked.lines,
        ),
        Shown(
            by="client",
            to="service",
            asked="GET /authorize",
            answered="200",
            step="upstream",
            lines=browsed.lines,
        ),
    )


@pytest.mark.parametrize("count", [12, 13, 50])
def test_not_all_of_very_many_are_shown(count: int) -> None:
    trial = Trial()
    for number in range(count):
        trial.answer(trial.post(MCP, call(number, "ping")), result(number))
    every = [line for turn in trial.evidence.turns for line in turn.lines]
    assert len(sightings(trial.evidence, every)) == 12


def test_what_is_very_long_is_cut() -> None:
    def act(trial: Trial) -> None:
        trial.answer(trial.post(f"{MCP}/{'x' * 1000}", call(1, "ping")), result(1))

    assert len(said(act)[0]) == 160
