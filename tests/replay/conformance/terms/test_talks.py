"""Calls are found with their answers, in the answer to the request or on another stream."""

from play import call, failure, result
from trials import SERVICE, Trial
from wiretape.replay.conformance.terms.talks import answered, talks

MCP = f"{SERVICE}/v1/mcp"
SSE = f"{SERVICE}/v1/sse"
MESSAGES = f"{SSE}/message?sessionId=abc"


def test_answers_in_bodies_and_on_streams() -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, call(1, "tools/call", name="a")), result(1, text="A"))
    streamed = trial.post(MCP, call(2, "tools/call", name="b", arguments={"text": "x"}))
    trial.stream(streamed)
    trial.event(streamed, failure(2, -32602, "no"))
    trial.end(streamed)
    trial.answer(trial.post(MCP, call(3, "ping")), status=503)
    first, second, third = talks(trial.evidence.up)
    assert (first.method, first.params, first.outcome) == (
        "tools/call",
        {"name": "a"},
        {"text": "A"},
    )
    assert second.outcome == {"code": -32602, "message": "no", "data": None}
    assert (second.says("x"), second.says("y"), first.says("x")) == (True, False, False)
    assert (third.outcome, third.told) == (None, None)


def test_an_answer_on_the_stream_of_a_session() -> None:
    trial = Trial()
    stream = trial.listen(SSE)
    trial.stream(stream)
    trial.event(stream, event="endpoint", text="/v1/sse/message?sessionId=abc")
    asked = trial.post(MESSAGES, call(1, "ping"))
    trial.answer(asked, status=202, text="Accepted")
    trial.later(1)
    trial.event(stream, result(1))
    trial.end(stream)
    (found,) = talks(trial.evidence.up, "ping")
    assert found.result == {}
    assert found.told is not None
    assert found.told.method == "GET"
    assert found.told_at is not None
    assert found.told_at - found.turn.exchange.request.t > 1


def test_calls_of_the_same_id_are_told_apart_by_their_answers() -> None:
    trial = Trial()
    good, bad, accepted = (trial.post(MCP, call(1, "tools/call")) for _ in range(3))
    trial.answer(good, result(1))
    trial.answer(bad, status=500)
    trial.answer(accepted, status=202)
    assert [turn.exchange.number for turn in answered(trial.evidence.turns, "tools/call")] == [good]
