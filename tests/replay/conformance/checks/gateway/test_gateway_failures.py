"""What may be told of a pause that the service wants."""

import pytest

from play import call
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.gateway.failures import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("failures."): check.judge for check in FAMILY.checks}
NOW, LATER = "Mon, 23 Nov 2026 06:59:30 GMT", "Mon, 23 Nov 2026 07:00:00 GMT"


def paused(
    told: str | None,
    *,
    status: int = 429,
    seconds: float = 0,
    wanted: str | None = "30",
    now: str | None = NOW,
) -> Trial:
    trial = Trial()
    trial.step("failing")
    down = trial.post(f"{TARGET}/tools/search", {"query": "who is 429"})
    up = trial.post(f"{SERVICE}/mcp", call(1, "tools/call"))
    trial.answer(up, status=429, headers={} if wanted is None else {"retry-after": wanted})
    trial.later(seconds)
    headers = {"retry-after": told, "date": now}
    given = {name: value for name, value in headers.items() if value is not None}
    trial.answer(down, {"service": "atlassian"}, status=status, headers=given)
    return trial


@pytest.mark.parametrize(
    ("trial", "outcome"),
    [
        (paused("30"), "pass"),
        (paused("31", status=503), "pass"),
        (paused("25", seconds=5), "pass"),
        (paused(LATER), "pass"),
        (paused("Mon, 23 Nov 2026 06:59:55 GMT", seconds=5), "pass"),
        (paused("Mon, 23 Nov 2026 06:59:55 GMT"), "fail"),
        (paused("Tue, 23 Nov 1999 07:00:00 GMT"), "fail"),
        (paused("Mon, 31 Feb 2026 07:00:00 GMT"), "fail"),
        (paused(LATER, now=None), "untestable"),
        (paused(LATER, now="today"), "untestable"),
        (paused(LATER, status=502, now=None), "fail"),
        (paused("1"), "fail"),
        (paused(None), "fail"),
        (paused("soon"), "fail"),
        (paused("30", status=502), "fail"),
        (paused("30", wanted=None), "untestable"),
        (Trial(), "untestable"),
    ],
)
def test_a_pause_is_passed_on(trial: Trial, outcome: Outcome) -> None:
    assert JUDGES["retry-after"](trial.evidence).outcome == outcome
