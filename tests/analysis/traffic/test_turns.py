"""Calls and answers that come in different exchanges, and how many of them are waited for."""

from msgspec import Raw

from play import START
from wiretape.analysis.facts import Point
from wiretape.analysis.traffic.turns import Key, Matching, Turn, Waiting
from wiretape.recorder.log.jsonrpc import Failure, Result

CHANNEL = "https://mcp.example.com/v1/sse/message?sessionId=1f"
MANY = 20_000


def point(line: int) -> Point:
    return Point(0, line, START, float(line))


def key(number: int) -> Key:
    return Key("client", CHANNEL, number)


def call(number: int) -> Waiting:
    turn = Turn(
        by="client",
        method="tools/call",
        params=Raw(b'{"name":"a"}'),
        client="",
        route="https://mcp.example.com/v1/sse/message",
        channel=CHANNEL,
        revision=None,
        asked=point(number),
        outcome="unanswered",
    )
    return Waiting(key(number), turn, point(number))


def answer(number: int) -> Waiting:
    return Waiting(key(number), Result(number, Raw(b"{}")), point(number + 1))


def test_a_call_and_its_answer_meet_whichever_comes_first() -> None:
    matching = Matching()
    assert matching.add(call(1)) is None
    assert matching.add(answer(2)) is None
    for turn in (matching.add(answer(1)), matching.add(call(2))):
        assert turn is not None
        assert (turn.outcome, turn.over, turn.seconds) == ("result", "sse", 1.0)
    assert matching.rest() == []


def test_an_error_answers_as_well() -> None:
    matching = Matching()
    matching.add(call(1))
    turn = matching.add(Waiting(key(1), Failure(1, -32601, "no", Raw(b"1")), point(9)))
    assert turn is not None
    assert (turn.outcome, turn.code, turn.data) == ("error", -32601, Raw(b"1"))


def test_of_too_many_calls_the_oldest_are_given_up_and_told() -> None:
    matching = Matching()
    given_up = [turn for number in range(MANY) if (turn := matching.add(call(number)))]
    assert [turn.asked.line for turn in given_up] == list(range(len(given_up)))
    left = matching.rest()
    assert 0 < len(left) < MANY / 2
    assert len(given_up) + len(left) == MANY


def test_of_too_many_answers_the_oldest_are_forgotten() -> None:
    matching = Matching()
    for number in range(MANY):
        assert matching.add(answer(number)) is None
    assert matching.add(call(0)) is None
    turn = matching.add(call(MANY - 1))
    assert turn is not None
    assert turn.outcome == "result"
