"""Runs a real SDK in a process of its own, through the relay, by a driver that says what is next.

The driver says `{"step": …}` before each step and waits for an answer; for `{"authorize": URL}` it
is answered with what the browser brings to the callback. First it is told `url`, `callback`,
`headers` that go with every message, and `calls`, arguments by tool for those that need some.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from wiretape.replay.conformance.driving.browser import browsed
from wiretape.replay.conformance.launching import filled, kill_all
from wiretape.replay.conformance.stage import Stage, StuckError

DRIVERS = Path(__file__).with_name("drivers")

_TAIL = 600
_LONGEST = 1 << 20


async def driven(
    stage: Stage,
    driver: str,
    command: tuple[str, ...],
    on_step: Mapping[str, Callable[[], Mapping[str, Any]]],
) -> None:
    """Run a driver to its end; at a step it is answered with what `on_step` does and gives.

    Raises StuckError if it does not start, or fails; what it said on stderr is the reason.
    """
    known = {"python": sys.executable, "driver": str(DRIVERS / driver)}
    words = [filled(word, known) for word in command]
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=stage.config.folder,
            env=_environment(stage.proxy),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST,
            start_new_session=True,
        )
    except OSError as error:
        raise StuckError(f"{words[0]} does not start: {error.strerror}") from error
    assert process.stderr is not None
    complaints = asyncio.create_task(process.stderr.read())
    try:
        async with stage.http() as browser:
            await _Talk(stage, process, browser, on_step).go_on()
        if await process.wait():
            said = (await complaints).decode("utf-8", "replace")[-_TAIL:]
            raise StuckError(f"the SDK gave up: {last_line(said)}")
    finally:
        kill_all(process)
        await process.wait()
        complaints.cancel()


def last_line(said: str) -> str:
    """Give the last line that says something: around groups of errors Python draws frames."""
    lines = [line.strip(" |+-") for line in said.splitlines()]
    return next(filter(None, reversed(lines)), "in silence")


class _Talk:
    def __init__(
        self,
        stage: Stage,
        process: asyncio.subprocess.Process,
        browser: httpx.AsyncClient,
        on_step: Mapping[str, Callable[[], Mapping[str, Any]]],
    ) -> None:
        self._stage = stage
        self._process = process
        self._browser = browser
        self._on_step = on_step
        self._callback = stage.config.bridge.callback

    async def go_on(self) -> None:
        """Answer the driver until it ends."""
        server = self._stage.config.server
        known = {"headers": server.headers, "calls": server.calls}
        at = {"url": self._stage.target.url, "callback": self._callback}
        await self._answer(at | known)
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            match json.loads(line):
                case {"step": str(step)}:
                    self._stage.step(step)
                    await self._answer(self._on_step.get(step, dict)())
                case {"authorize": str(url)}:
                    page = await self._browser.get(url)
                    await self._answer(await browsed(self._browser, page, self._callback))

    async def _answer(self, said: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        with suppress(ConnectionError):  # it is over; its end says why
            await self._process.stdin.drain()


def _environment(proxy: str) -> dict[str, str]:
    """Give an environment in which everything goes through the relay."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return kept | {"HTTP_PROXY": proxy, "http_proxy": proxy, "PYTHONUNBUFFERED": "1"}
