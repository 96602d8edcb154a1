"""Calls that are waited for as long as an answer may be due, while other things go on."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx

from wiretape.replay.conformance.driving.client import Client
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.due import DUE

_SLACK = 1
"""Seconds after an answer was due until it is no longer waited for."""


def note_when_due(stage: Stage, *users: Client) -> None:
    """Say in the recording after how many seconds answers are due; users wait as long."""
    stage.note(DUE, f"{stage.config.bridge.timeout:g}")
    for user in users:
        user.http.timeout = httpx.Timeout(stage.config.bridge.timeout + 2 * _SLACK)


async def waited_for(stage: Stage, *asked: Coroutine[Any, Any, object]) -> None:
    """Wait for answers until none is due any more; what comes or fails is recorded anyway."""
    tasks = [asyncio.create_task(each) for each in asked]
    _, late = await asyncio.wait(tasks, timeout=stage.config.bridge.timeout + _SLACK)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def asked_upstream(stage: Stage, method: str) -> None:
    """Wait until the service is asked once more; for ever, if it never is."""
    before = _count(stage, method)
    while _count(stage, method) == before:  # noqa: ASYNC110 - a journal does not tell
        await asyncio.sleep(0.01)


def _count(stage: Stage, method: str) -> int:
    return sum(entry.operation == method for entry in stage.journal)
