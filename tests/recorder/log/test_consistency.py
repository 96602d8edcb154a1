from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from arbitrary import ENTRIES
from play import Play, call, result
from players import MCP, SSE
from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Content, Entry, Gap, Request

type Damage = Callable[[list[Entry]], object]


def a_session() -> list[Entry]:
    """Lines: 2 request, 3 response, 4 request, 5 response, 6 end, 7 event, 8 event, 9 end."""
    play = Play()
    listen = play.listen(SSE)
    play.stream(listen)
    play.answer(play.post(MCP, call(1, "ping"), cause=1), result(1))
    play.event(listen, text="1")
    play.event(listen, text="2")
    play.end(listen)
    return play.records


def disagreements(records: list[Entry]) -> list[str]:
    consistency = Consistency()
    lines = [Line(number, record) for number, record in enumerate(records, 2)]
    found = [one for line in lines for one in consistency.see(line)] + [*consistency.close()]
    return [f"{one.line}: {'' if one.serious else 'perhaps '}{one.what}" for one in found]


def test_a_recording_agrees_with_itself() -> None:
    assert disagreements(a_session()) == []


def change(line: int, **fields: object) -> Damage:
    def doing(records: list[Entry]) -> None:
        records[line - 2] = replace(records[line - 2], **fields)

    return doing


def leave_out(line: int) -> Damage:
    return lambda records: records.pop(line - 2)


def repeat(line: int, *, at: int) -> Damage:
    return lambda records: records.insert(at - 2, records[line - 2])


def body_of_another(records: list[Entry]) -> None:
    request = records[2]
    assert isinstance(request, Request)
    assert request.body is not None
    records[2] = replace(request, body=replace(request.body, text="other"))


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (
            leave_out(4),
            [
                "4: a response of exchange 2 without its request",
                "5: an end of exchange 2 without its request",
            ],
        ),
        (repeat(2, at=3), ["3: exchange 1 begins once more"]),
        (
            change(4, exchange=0, cause=None),
            [
                "4: exchanges count from 1, and this is number 0",
                "5: a response of exchange 2 without its request",
                "6: an end of exchange 2 without its request",
            ],
        ),
        (change(4, cause=2), ["4: exchange 2 cannot be caused by exchange 2"]),
        (change(4, cause=0), ["4: exchange 2 cannot be caused by exchange 0"]),
        (repeat(8, at=10), ["10: an event of exchange 1 after its end"]),
        (repeat(3, at=4), ["4: a second response"]),
        (
            leave_out(3),
            ["6: an event before the response", "7: an event before the response"],
        ),
        (
            change(3, stream=False),
            [
                "7: an event in a response that is no stream",
                "8: an event in a response that is no stream",
            ],
        ),
        (leave_out(7), ["7: event 1 where event 0 is due"]),
        (leave_out(8), ["8: the exchange ends after 2 events, but has 1"]),
        (change(8, t=0.0), ["8: an event of an earlier time than what stands before it"]),
        (leave_out(9), ["2: perhaps exchange 1 does not end"]),
        (change(5, headers=(("a", "☃"),)), ["5: a header has characters that are not ISO-8859-1"]),
        (change(7, data=Content(base64="a")), ["7: Base64 that cannot be read"]),
        (body_of_another, ["4: the body has another sha256 than it says"]),
    ],
)
def test_each_disagreement_is_found(damage: Damage, found: list[str]) -> None:
    records = a_session()
    damage(records)
    assert disagreements(records) == found


def test_an_error_and_a_response_exclude_each_other() -> None:
    play = Play()
    listen = play.listen(SSE)
    play.stream(listen)
    play.fail(listen)
    assert disagreements(play.records) == ["4: no response, says the error, and there is one"]


def test_an_exchange_that_is_not_there_may_be_lost() -> None:
    play = Play()
    play.answer(play.post(MCP))
    play.answer(play.post(MCP))
    assert disagreements(play.records[3:]) == ["4: perhaps exchange 1 is not in the recording"]


@pytest.mark.parametrize("line", range(2, 10))
def test_a_gap_explains_what_is_missing(line: int) -> None:
    records = a_session()
    records[line - 2] = Gap(at=records[0].at, t=0, reason="disk full", lost=1)
    assert [one for one in disagreements(records) if "perhaps" not in one] == []


@given(st.lists(ENTRIES, max_size=20))
def test_any_records_are_looked_at(records: list[Entry]) -> None:
    disagreements(records)
