"""When a mark is left: after what came before it, and in any case soon."""

import asyncio
from datetime import UTC, datetime

from wiretape.recorder.log.records import End, Error, Request
from wiretape.recorder.probe.marks import RecordingMarks

AT = datetime(2026, 1, 2, tzinfo=UTC)


def request(number: int) -> Request:
    return Request(
        at=AT, t=0, exchange=number, connection="c1", method="GET", url="u", http="", headers=()
    )


def end(number: int) -> End:
    return End(at=AT, t=0, exchange=number, connection="c1", how="complete")


def error(number: int | None = None) -> Error:
    return Error(at=AT, t=0, exchange=number, connection="c1", kind="connect", detail="refused")


def test_a_mark_waits_until_only_the_open_streams_have_not_ended():
    async def test() -> list[str]:
        marks, left = RecordingMarks(), list[str]()
        marks.leave = lambda name, detail: left.append(f"{name} {detail}")
        for number in (1, 2, 3):
            marks.see(request(number))
        waiting = asyncio.create_task(marks.mark("probe x", "begin", streams=1))
        for record in (end(2), error(3)):
            await asyncio.sleep(0)
            left.append("record")
            marks.see(record)
        await waiting
        return left

    assert asyncio.run(test()) == ["record", "record", "probe x begin"]


def test_a_mark_is_left_even_if_an_exchange_never_ends(monkeypatch):
    monkeypatch.setattr("wiretape.recorder.probe.marks._SETTLE_SECONDS", 0.01)

    async def test() -> list[str]:
        marks, left = RecordingMarks(), list[str]()
        marks.leave = lambda name, detail: left.append(f"{name} {detail}")
        marks.see(request(1))
        await marks.mark("probe", "begin", streams=0)
        return left

    assert asyncio.run(test()) == ["probe begin"]


def test_trouble_is_told_once():
    marks = RecordingMarks()
    marks.see(error())
    assert marks.trouble() == "refused"
    assert marks.trouble() is None
