"""What leaves the machine, and what is made of what comes back: over real sockets."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback.origin import Origin, Script, Turn
from loopback.origin import answer as script
from loopback.wire import chunk, event, response, stream_head
from paper import answer
from wiretape.recorder.probe.sender import Sender, http_client, retry_after
from wiretape.recorder.probe.talk import Ask, OverloadedError, StepError

RESULT = b'{"jsonrpc":"2.0","id":%d,"result":{}}'


@dataclass
class Time:
    """A clock that sleeping moves, and only that."""

    at: datetime = datetime(2026, 1, 2, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)
    rested: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    async def rest(self, until: datetime, _title: str) -> None:
        self.rested.append((until - self.at).total_seconds())
        self.at = until


@asynccontextmanager
async def service(play: Script) -> AsyncIterator[tuple[Origin, Sender, Time]]:
    time = Time()
    async with Origin(play) as origin, http_client(ssl.create_default_context()) as http:
        sender = Sender(http, time, per_second=5, rest=time.rest)
        yield origin, sender, time
        await sender.close_all()


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(within())


def ask(origin: Origin, method: str = "GET", **options: object) -> Ask:
    return Ask(label="it", method=method, url=f"{origin.url}/mcp", **options)  # type: ignore[arg-type]  # the options of Ask


def test_only_the_headers_that_were_asked_for_are_sent_as_they_are_spelt():
    async def test() -> None:
        async with service(script(response())) as (origin, sender, _):
            headers = (("Accept", "a"), ("accept", "b"), ("x-latin", "é"))
            await sender.send(ask(origin, "POST", headers=headers, body=b"{}"))
            assert origin.turns[0].request.headers == (
                (b"Host", origin.authority.encode()),
                (b"Accept", b"a"),
                (b"accept", b"b"),
                (b"x-latin", b"\xe9"),
                (b"Content-Length", b"2"),
            )

    run(test)


def test_redirects_are_not_followed_and_cookies_not_kept():
    async def test() -> None:
        moved = response(b"", b"Location: /other", b"Set-Cookie: a=b; Path=/", status=b"302 Found")
        async with service(script(moved)) as (origin, sender, _):
            first = await sender.send(ask(origin))
            await sender.send(ask(origin))
            assert first.status == 302
            assert first.header("location") == "/other"
            assert len(origin.turns) == 2
            assert origin.turns[1].request.header(b"cookie") is None

    run(test)


def test_requests_are_so_many_per_second_at_most():
    async def test() -> None:
        async with service(script(response())) as (origin, sender, time):
            for _ in range(3):
                await sender.send(ask(origin))
            assert time.slept == [0, 0.2, 0.2]

    run(test)


def test_a_request_is_repeated_when_the_service_says():
    async def play(turn: Turn) -> None:
        await turn.read()
        busy = response(b"", b"Retry-After: 7", status=b"429 Too Many Requests")
        await turn.send(busy if len(origins[0].turns) < 3 else response(b"ok"))

    origins: list[Origin] = []

    async def test() -> None:
        async with service(play) as (origin, sender, time):
            origins.append(origin)
            last = await sender.send(ask(origin))
            assert last.body == b"ok"
            assert time.rested == [7, 7]

    run(test)


def test_a_service_that_stays_busy_is_not_asked_for_ever():
    async def test() -> None:
        busy = response(b"", b"Retry-After: 1", status=b"503 Service Unavailable")
        async with service(script(busy)) as (origin, sender, _):
            last = await sender.send(ask(origin))
            assert last.status == 503
            assert len(origin.turns) == 3

    run(test)


def test_a_service_that_wants_a_long_rest_is_left_alone():
    async def test() -> None:
        busy = response(b"", b"Retry-After: 3600", status=b"429 Too Many Requests")
        async with service(script(busy)) as (origin, sender, time):
            with pytest.raises(OverloadedError, match="3600 s"):
                await sender.send(ask(origin))
            assert time.rested == []

    run(test)


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "0", 0),
        (503, " 12 ", 12),
        (429, "Fri, 02 Jan 2026 03:05:05 GMT", 60),
        (429, "Fri, 02 Jan 1970 03:05:05 GMT", 0),
        (200, "12", None),
        (429, "soon", None),
        (429, "-1", None),
        (429, "1.5", None),
        (429, "\u0661", None),
    ],
)
def test_retry_after_is_read_in_both_forms(status: int, value: str, seconds: float | None):
    assert retry_after(answer(status, retry_after=value)) == seconds


@given(st.text())
def test_any_retry_after_is_read_or_passed_over(value: str):
    seconds = retry_after(answer(429, retry_after=value))
    assert seconds is None or seconds >= 0


def test_a_body_is_decoded_and_kept_up_to_a_limit():
    async def test() -> None:
        bomb = gzip.compress(bytes(1 << 24))
        async with service(script(response(bomb, b"Content-Encoding: gzip"))) as (
            origin,
            sender,
            _,
        ):
            got = await sender.send(ask(origin))
            assert 1 << 20 <= len(got.body) < 1 << 21

    run(test)


def test_a_body_that_cannot_be_decoded_is_left_out():
    async def test() -> None:
        async with service(script(response(b"x", b"Content-Encoding: gzip"))) as (
            origin,
            sender,
            _,
        ):
            assert (await sender.send(ask(origin))).body == b""

    run(test)


def test_an_answer_in_a_stream_is_waited_for_and_the_rest_left():
    async def play(turn: Turn) -> None:
        await turn.read()
        await turn.send(stream_head() + chunk(event(b"{}") + event(RESULT % 1)))
        await turn.send(chunk(event(RESULT % 2)))
        await turn.reader.read()  # until the probe leaves

    async def test() -> None:
        async with service(play) as (origin, sender, _):
            got = await sender.send(ask(origin, "POST", body=b"{}", answers=2))
            assert [said.data for said in got.events] == [b"{}", RESULT % 1, RESULT % 2]
            assert sender.open_streams == 0

    run(test)


def test_a_stream_without_an_answer_ends_where_the_server_ends_it():
    async def test() -> None:
        said = stream_head() + chunk(event(b"{}")) + chunk(b"")
        async with service(script(said)) as (origin, sender, _):
            got = await sender.send(ask(origin, "POST", answers=1))
            assert [found.data for found in got.events] == [b"{}"]

    run(test)


def test_a_kept_stream_is_read_on_until_it_is_left():
    async def play(turn: Turn) -> None:
        await turn.read()
        await turn.send(stream_head() + chunk(event(b"/message")))
        await asked.wait()
        await turn.send(chunk(event(RESULT % 1) + event(RESULT % 2)))
        await turn.reader.read()

    async def test() -> None:
        async with service(play) as (origin, sender, _):
            got = await sender.send(ask(origin, keep=True))
            assert got.stream is not None
            assert sender.open_streams == 1
            asked.set()
            events = await sender.receive(got.stream, 2)
            assert [said.data for said in events] == [RESULT % 1, RESULT % 2]
            await sender.close(got.stream)
            with pytest.raises(StepError, match="closed"):
                await sender.receive(got.stream, 3)

    asked = asyncio.Event()
    run(test)


def test_a_kept_stream_that_the_server_ends_brings_no_answer():
    async def test() -> None:
        said = stream_head() + chunk(event(b"/message")) + chunk(b"")
        async with service(script(said)) as (origin, sender, _):
            got = await sender.send(ask(origin, keep=True))
            assert got.stream is not None
            with pytest.raises(StepError, match="no answer"):
                await sender.receive(got.stream, 1)

    run(test)


def test_what_says_accepted_is_no_stream_whatever_its_type():
    async def test() -> None:
        accepted = response(b"Accepted", b"Content-Type: text/event-stream", status=b"202 Accepted")
        async with service(script(accepted)) as (origin, sender, _):
            got = await sender.send(ask(origin, "POST", answers=1))
            assert (got.status, got.body, got.events) == (202, b"Accepted", ())

    run(test)


@pytest.mark.parametrize("value", ["a\r\nb: c", "\u2713", "\ud800"])
def test_a_header_that_cannot_be_sent_is_an_error_of_the_step(value: str):
    async def test() -> None:
        async with service(script(response())) as (origin, sender, _):
            with pytest.raises(StepError):
                await sender.send(ask(origin, headers=(("authorization", value),)))
            assert origin.turns == []

    run(test)


def test_where_nobody_listens_the_step_is_told():
    async def test() -> None:
        async with service(script(response())) as (origin, sender, _):
            nobody = Ask(label="it", method="GET", url="http://127.0.0.1:1/")
            with pytest.raises(StepError, match="connection attempts failed"):
                await sender.send(nobody)
            await sender.send(ask(origin))

    run(test)


@pytest.mark.parametrize("url", ["", "/mcp", "gopher://x/", "http://", "http://[::1"])
def test_what_is_no_address_is_an_error_of_the_step(url: str):
    async def test() -> None:
        async with service(script(response())) as (_, sender, _):
            with pytest.raises(StepError):
                await sender.send(Ask(label="it", method="GET", url=url))

    run(test)


def test_a_connection_that_breaks_off_is_an_error_of_the_step():
    async def play(turn: Turn) -> None:
        await turn.read()
        await turn.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        turn.reset()

    async def test() -> None:
        async with service(play) as (origin, sender, _):
            with pytest.raises(StepError):
                await sender.send(ask(origin))

    run(test)
