"""A server is started anew and knows nothing of its sessions; its client goes on with its own.

Both are the real SDK's.
"""

import socket
from contextlib import AsyncExitStack

from failures.scene import breaking_off, notes, serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "session_lost"


async def play(recorder: Recorder, *, mended: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    async with AsyncExitStack() as stack:
        async with serving(notes().streamable_http_app(), listener.dup()) as origin:
            client = await stack.enter_async_context(session(recorder, f"{origin}/mcp"))
            await client.list_tools()
        async with serving(notes().streamable_http_app(), listener):
            with breaking_off():
                await client.list_tools()
            if mended:
                client = await stack.enter_async_context(session(recorder, f"{origin}/mcp"))
                await client.list_tools()
            else:
                with breaking_off():
                    await client.list_tools()
            await stack.aclose()


def seen(exchanges: list[Exchange]) -> bool:
    lost = [each for each in exchanges if each.request.method == "POST" and each.status == 404]
    return len(lost) > 1
