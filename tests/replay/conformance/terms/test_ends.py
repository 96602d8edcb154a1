"""Which ends of a call are clean."""

import pytest

from play import call, failure, result
from trials import TARGET, Trial
from wiretape.replay.conformance.terms.ends import unclean
from wiretape.replay.conformance.terms.talks import talks

MCP = f"{TARGET}/mcp"
FAILED = result(1, content=[], isError=True)
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("status", "body", "answered", "why"),
    [
        (200, failure(1), False, None),
        (502, failure(1), False, None),
        (502, {"error": "bad gateway"}, False, None),
        (200, FAILED, False, None),
        (200, result(1), True, None),
        (200, result(1), False, "a result that the service did not give"),
        (202, None, False, "202 without an answer"),
        (502, None, False, "502 without JSON"),
        (401, failure(1), False, "401, as if the token were bad"),
    ],
)
def test_what_is_answered(status: int, body: object, answered: bool, why: str | None) -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, call(1, "tools/call")), body, status=status, headers=JSON)
    (talk,) = talks(trial.evidence.down)
    assert unclean(talk, 1, answered=answered) == why


def test_what_takes_too_long() -> None:
    trial = Trial()
    asked = trial.post(MCP, call(1, "tools/call"))
    trial.later(3)
    trial.answer(asked, failure(1))
    (talk,) = talks(trial.evidence.down)
    assert unclean(talk, 5, answered=False) is None
    assert unclean(talk, 2, answered=False) == "the answer took 3.0 s"


def test_what_never_ends() -> None:
    trial = Trial()
    trial.stream(asked := trial.post(MCP, call(1, "tools/call")))
    trial.end(asked, "client abort")
    trial.fail(trial.post(MCP, call(2, "tools/call")))
    trial.post(MCP, call(3, "tools/call"))
    for talk in talks(trial.evidence.down):
        assert unclean(talk, 5, answered=False) == "no answer in 5 s"


def test_a_stream_that_ends_with_nothing() -> None:
    trial = Trial()
    trial.stream(asked := trial.post(MCP, call(1, "tools/call")))
    trial.end(asked)
    (talk,) = talks(trial.evidence.down)
    assert unclean(talk, 5, answered=False) == "200 without an answer"
