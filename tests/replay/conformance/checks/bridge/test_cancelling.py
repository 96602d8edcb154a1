"""A cancelled call: whether the service is told, and of which call."""

from pathlib import Path

import pytest
from conforming import run

from peers.processes import ROOT
from play import call, note
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance import config as configs
from wiretape.replay.conformance.checks.bridge.cancelling import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("cancel."): check.judge for check in FAMILY.checks}


def cancelled(number: int | str | None, *, taken: bool = True, cancel: bool = True) -> Trial:
    """Cancel a call, which is 7 upstream; with a number, upstream is told that this is."""
    trial = Trial()
    trial.step("a call is cancelled")
    sent = [(TARGET, call("a", "tools/call", name="a"))]
    sent += [(SERVICE, call(7, "tools/call", name="a"))] if taken else []
    sent += [(TARGET, note("notifications/cancelled", requestId="a"))] if cancel else []
    if number is not None:
        sent.append((SERVICE, note("notifications/cancelled", requestId=number)))
    for site, message in sent:
        trial.answer(trial.post(f"{site}/mcp", message), status=202)
    return trial


@pytest.mark.parametrize(
    ("trial", "passed", "known"),
    [
        (cancelled(7), "pass", "pass"),
        (cancelled(None), "fail", "pass"),
        (cancelled("a"), "fail", "fail"),
        (cancelled("7"), "fail", "fail"),
        (cancelled(None, taken=False), "untestable", "pass"),
        (cancelled(None, cancel=False), "untestable", "untestable"),
    ],
)
def test_what_the_service_is_told(trial: Trial, passed: Outcome, known: Outcome) -> None:
    evidence = trial.evidence
    outcomes = [JUDGES[name](evidence).outcome for name in ("passed", "known")]
    assert outcomes == [passed, known]


REFUSING = """
from bridge.__main__ import main
from bridge.endpoint import Endpoint, RefusalError
called = Endpoint._called
async def refused(self, session, message):
    if message["method"] == "tools/call":
        raise RefusalError(400, "no calls today")
    return await called(self, session, message)
Endpoint._called = refused
main()
"""


def test_a_call_that_is_refused_at_once_is_not_waited_for(tmp_path: Path) -> None:
    config = configs.read(ROOT / "examples/bridge/wiretape.toml")
    assert config.target is not None
    python, _, _, *words = config.target.command
    target = config.target.model_copy(update={"command": (python, "-c", REFUSING, *words)})
    config = config.model_copy(update={"target": target})
    found = run("bridge", config, tmp_path, ["cancel.passed"])["cancel.passed"]
    assert found.outcome == "untestable"
    assert found.seen.endswith(": the call was over before the service was asked")
