from collections.abc import Callable

import pytest
from arbitrary import ENTRIES
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from play import Play, call, result
from players import MCP, SSE

from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Content, Entry, Error, Event


def a_session() -> Play:
    """Lines: 2 request, 3 response, 4 request, 5 response, 6 end, 7 and 8 events, 9 end."""
    play = Play()
    listen = play.listen(SSE)
    play.stream(listen)
    play.answer(play.post(MCP, call(1, "ping"), cause=1), result(1))
    play.event(listen, text="1")
    play.event(listen, text="2")
    play.end(listen)
    return play


def disagreements(records: list[Entry]) -> list[str]:
    consistency = Consistency()
    found = [
        f"{one.line}: {one.what}"
        for number, record in enumerate(records, 2)
        for one in consistency.see(Line(number, record))
    ]
    return found + [
        f"{one.line}: {'' if one.serious else 'perhaps '}{one.what}" for one in consistency.close()
    ]


def test_a_recording_agrees_with_itself() -> None:
    assert disagreements(a_session().records) == []


def body(record: Entry, **fields: object) -> Entry:
    return replace(record, body=replace(record.body, **fields))  # type: ignore[union-attr]


def swap(records: list[Entry], one: int, other: int) -> None:
    records[one - 2], records[other - 2] = records[other - 2], records[one - 2]


def change(line: int, **fields: object) -> Callable[[list[Entry]], None]:
    def doing(records: list[Entry]) -> None:
        records[line - 2] = replace(records[line - 2], **fields)

    return doing


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda r: r.pop(2), ["4: a response of exchange 2 without its request"] + ["5: an end of exchange 2 without its request"]),
        (lambda r: r.insert(1, r[0]), ["3: exchange 1 begins once more"]),
        (change(4, exchange=0, cause=None), [
            "4: exchanges count from 1, and this is number 0",
            "5: a response of exchange 2 without its request",
            "6: an end of exchange 2 without its request",
        ]),
        (change(4, cause=2), ["4: exchange 2 cannot be caused by exchange 2"]),
        (change(4, cause=0), ["4: exchange 2 cannot be caused by exchange 0"]),
        (lambda r: r.append(r[5]), ["10: an event of exchange 1 after its end"]),
        (lambda r: r.insert(2, r[1]), ["4: a second response"]),
        (lambda r: r.pop(1), ["6: an event before the response", "7: an event before the response"]),
        (change(3, stream=False), [
            "7: an event in a response that is no stream",
            "8: an event in a response that is no stream",
        ]),
        (lambda r: r.pop(5), ["7: event 1 where event 0 is due"]),
        (lambda r: r.pop(6), ["8: the exchange ends after 2 events, but has 1"]),
        (change(8, t=0.0), ["8: an event of an earlier time than what stands before it"]),
        (lambda r: r.pop(7), ["2: perhaps exchange 1 does not end"]),
        (lambda r: [r.pop(2), r.pop(2), r.pop(2), r.append(a_third())], ["7: perhaps exchange 2 is not in the recording", "8: perhaps"]),
        (change(5, headers=(("a", "☃"),)), ["5: a header has characters that are not ISO-8859-1"]),
        (change(7, data=Content(base64="%")), ["7: Base64 that cannot be read"]),
    ],
)
def test_each_disagreement_is_found(damage: Callable[[list[Entry]], None], found: list[str]) -> None:
    records = a_session().records
    damage(records)
    assert disagreements(records) == found
