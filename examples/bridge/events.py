"""Event streams to clients (WHATWG HTML, 9.2)."""

import asyncio
import json
from collections.abc import AsyncGenerator

from anyio import CancelScope
from starlette.responses import Response, StreamingResponse

from bridge.sessions import Session
from bridge.upstream_mcp import Message, Messages

_KEEP_ALIVE = 15


def stream(messages: Messages, session: Session) -> Response:
    """Give messages as they come, until there are no more or the session is over."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    events = _events(messages, session)
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


async def _events(messages: Messages, session: Session) -> AsyncGenerator[str]:
    """Give messages as events, and now and then a comment, lest a proxy think nobody is there."""
    over = asyncio.create_task(session.over.wait())
    coming: asyncio.Task[Message] | None = None
    try:
        while not session.over.is_set():
            coming = coming or asyncio.create_task(_next(messages))
            done, _ = await asyncio.wait(
                {coming, over}, timeout=_KEEP_ALIVE, return_when=asyncio.FIRST_COMPLETED
            )
            if coming in done:
                try:
                    message = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield f"event: message\ndata: {json.dumps(message)}\n\n"
            elif not done:
                yield ": still here\n\n"
    finally:
        tasks = {task for task in (over, coming) if task is not None}
        for task in tasks:
            task.cancel()
        with CancelScope(shield=True):  # whoever has left must not keep what is behind open
            await asyncio.wait(tasks)
            await messages.aclose()


async def _next(messages: Messages) -> Message:
    return await anext(messages)
