"""Calls are found with their answers, in the answer to the request or on another stream."""

from pathlib import Path

from evident import SERVICE, Trial
from play import call, failure, result
from wiretape.replay.conformance.talks import talks

MESSAGES = SERVICE.replace("/v1/mcp", "/v1/sse/message?sessionId=abc")


def test_answers_in_bodies_and_on_streams(tmp_path: Path) -> None:
    trial = Trial()
    trial.answer(trial.post(SERVICE, call(1, "tools/call", name="a")), result(1, text="A"))
    streamed = trial.post(SERVICE, call(2, "tools/call", name="b", arguments={"text": "x"}))
    trial.stream(streamed)
    trial.event(streamed, failure(2, -32602, "no"))
    trial.end(streamed)
    trial.answer(trial.post(SERVICE, call(3, "ping")), status=503)
    first, second, third = talks(trial.evidence(tmp_path).up)
    assert (first.method, first.params, first.outcome) == (
        "tools/call",
        {"name": "a"},
        {"text": "A"},
    )
    assert second.outcome == {"code": -32602, "message": "no", "data": None}
    assert (second.says("x"), second.says("y"), first.says("x")) == (True, False, False)
    assert (third.outcome, third.told) == (None, None)


def test_an_answer_on_the_stream_of_a_session(tmp_path: Path) -> None:
    trial = Trial()
    stream = trial.listen(SERVICE.replace("/v1/mcp", "/v1/sse"))
    trial.stream(stream)
    trial.event(stream, event="endpoint", text="/v1/sse/message?sessionId=abc")
    asked = trial.post(MESSAGES, call(1, "ping"))
    trial.answer(asked, status=202, text="Accepted")
    trial.later(1)
    trial.event(stream, result(1))
    trial.end(stream)
    (found,) = talks(trial.evidence(tmp_path).up, "ping")
    assert found.result == {}
    assert found.told is not None
    assert found.told.method == "GET"
    assert found.told_at is not None
    assert found.told_at - found.turn.exchange.request.t > 1
