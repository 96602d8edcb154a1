"""A proxy ends connections on which nothing passes, and the server sends no keep-alives."""

import asyncio
from contextlib import suppress

import httpx

from failures.scene import browser
from loopback import Origin, Recorder, Turn
from loopback.wire import chunk, stream_head
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.records import End

DIAGNOSIS = "stream_cut_when_idle"

IDLE = 0.6  # seconds that the proxy waits; a real one waits a minute
STREAMS = 4
LONG_ENOUGH = 8  # keep-alives, after which a proxy would have lost its patience


async def silent(turn: Turn) -> None:
    """Say where to post, then nothing, until the proxy in front loses its patience."""
    await turn.read()
    await turn.send(stream_head() + chunk(b"event: endpoint\ndata: /messages?session_id=1\n\n"))
    await asyncio.sleep(IDLE)
    turn.reset()


async def talkative(turn: Turn) -> None:
    """Send a comment long before a proxy would lose its patience."""
    await turn.read()
    await turn.send(stream_head() + chunk(b"event: endpoint\ndata: /messages?session_id=1\n\n"))
    for _ in range(LONG_ENOUGH):
        await asyncio.sleep(IDLE / 4)
        await turn.send(chunk(b": keep-alive\n\n"))
    await turn.send(chunk(b""))


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with (
        Origin(talkative if mended else silent) as origin,
        browser(recorder) as http,
    ):
        for _ in range(1 if mended else STREAMS):
            with suppress(httpx.RemoteProtocolError):
                await http.get(f"{origin.url}/sse", headers={"accept": "text/event-stream"})


def seen(exchanges: list[Exchange]) -> bool:
    ends = [each.last for each in exchanges if isinstance(each.last, End)]
    return all(end.how == "server abort" and end.comments == 0 for end in ends)
