"""Services on ports: their time, their ports, and what becomes of both."""

import asyncio
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from freezegun import freeze_time

from misbehaving import Client, client, waits_for
from peers.processes import end_group
from replayed import replaying, shipped
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.replay.background import replayed
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running


def test_everything_follows_the_clock() -> None:
    with client("oauth-streamable") as here:
        clock = here.service.clock
        first = parsedate_to_datetime(here.begin().headers["date"]).timestamp()
        clock.advance(here.tokens["expires_in"] - 1)
        later = here.say("ping", 1)
        assert later.status_code == 200
        shown = parsedate_to_datetime(later.headers["date"]).timestamp()
        assert shown - first == here.tokens["expires_in"] - 1
        clock.advance(1)
        assert here.say("ping", 2).status_code == 401
        here.take(here.refresh())
        assert here.begin().status_code == 200
        code = httpx.URL(here.authorize().headers["location"]).params["code"]
        clock.advance(601)
        assert here.exchange(code).json()["error"] == "invalid_grant"


def test_keep_alives_follow_the_clock() -> None:
    with client("atlassian-2025-08") as here, here.stream() as events:
        events.open()
        for _ in range(3):
            here.service.clock.advance(30)
            assert events.next().startswith(b":")


def test_a_fast_clock_reaches_the_end_of_a_token() -> None:
    with (
        replayed("oauth-streamable", clock=Clock(rate=0)) as service,
        httpx.Client(trust_env=False, timeout=5) as http,
    ):
        here = Client(service, http)
        here.grant()
        assert here.begin().status_code == 200
        service.clock.run(100_000)
        while here.begin().status_code == 200:  # the test's time limit ends this otherwise
            pass
        assert here.begin().status_code == 401


def test_frozen_tests_go_on() -> None:
    with (
        freeze_time("2025-08-29T02:09:10Z"),
        replayed("atlassian-2025-08") as service,
        httpx.Client(trust_env=False, timeout=5) as http,
    ):
        here = Client(service, http)
        here.grant()
        with here.stream() as events:
            url = events.open()
            assert events.say(url, "ping", 1).status_code == 202
            assert b'"id":1' in events.next()
            service.clock.advance(30)
            assert events.next().startswith(b":")
        shown = service.clock.now() - datetime(2025, 8, 29, 2, 9, 10, tzinfo=UTC).timestamp()
        assert 30 <= shown < 60
        service.clock.advance(3300)
        assert http.get(service.url, headers=here.headers).status_code == 401


def test_frozen_asynchronous_tests_go_on() -> None:
    async def walk(url: str) -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            return (await http.get(url)).status_code

    with freeze_time("2025-08-29T02:09:10Z"), replayed("atlassian-2025-08") as service:
        assert asyncio.run(walk(service.url)) == 401


def test_a_service_can_start_again_where_it_was() -> None:
    async def visited(port: int) -> int:
        async with (
            running(shipped("oauth-streamable"), port=port) as at,
            httpx.AsyncClient(trust_env=False, timeout=5) as http,
        ):
            assert (await http.post(at.urls[0])).status_code == 401
            return urlsplit(at.urls[0]).port or 0

    async def again() -> None:
        port = await visited(0)
        for _ in range(3):
            assert await visited(port) == port

    asyncio.run(again())


def test_a_command_that_was_killed_can_start_again_where_it_was(tmp_path: Path) -> None:
    with replaying(tmp_path, "oauth-streamable") as (process, url):
        port = urlsplit(url).port
        with socket.create_connection(("127.0.0.1", port or 0)):
            end_group(process)
    with replaying(tmp_path, "oauth-streamable", "--listen", f"127.0.0.1:{port}") as (_, again):
        assert again == url
        assert httpx.post(url, trust_env=False).status_code == 401


@pytest.mark.parametrize("leaves", [True, False])
def test_nobody_waits_for_an_answer_that_nobody_hears(
    leaves: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def asked() -> None:
        async with running(shipped("mcp-atlassian"), clock=Clock(rate=0)) as at:
            at.service.faults.arm("latency", seconds=60)
            there = urlsplit(at.urls[0])
            before = len(asyncio.all_tasks())
            _, writer = await asyncio.open_connection(there.hostname, there.port)
            writer.write(f"GET / HTTP/1.1\r\nhost: {there.netloc}\r\n\r\n".encode())
            await asyncio.to_thread(waits_for, lambda: len(at.service.world.journal) == 1)
            if leaves:
                writer.close()
                loop = asyncio.get_running_loop()
                still = partial(asyncio.all_tasks, loop)
                await asyncio.to_thread(waits_for, lambda: len(still()) == before)

    asyncio.run(asyncio.wait_for(asked(), 10))
    assert not caplog.records


def test_a_port_that_is_taken_is_named_and_all_others_are_let_go() -> None:
    async def refused(port: int) -> None:
        async with running(shipped("atlassian-2026-09"), port=port):
            pass

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentFaultError, match=f"cannot listen on 127.0.0.1:{port}"):
            asyncio.run(refused(port))
