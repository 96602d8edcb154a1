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

IDLE = 1.0  # seconds that the proxy waits; a real one waits a minute
STREAMS = 4
LONG_ENOUGH = 8  # keep-alives, after which a proxy would have lost its patience


class Silent:
    """Says something now and then, on each stream for longer than on the one before, then nothing.

    So the streams are of different ages when the proxy in front loses its patience.
    """

    def __init__(self) -> None:
        self.streams = 0

    async def __call__(self, turn: Turn) -> None:
        await turn.read()
        await turn.send(stream_head() + chunk(b"event: endpoint\ndata: /messages?session_id=1\n\n"))
        for _ in range(self.streams):
            await asyncio.sleep(IDLE / 2)
            await turn.send(chunk(b"event: message\ndata: {}\n\n"))
        self.streams += 1
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
        Origin(talkative if mended else Silent()) as origin,
        browser(recorder) as http,
    ):
        for _ in range(1 if mended else STREAMS):
            with suppress(httpx.RemoteProtocolError):
                await http.get(f"{origin.url}/sse", headers={"accept": "text/event-stream"})


def seen(exchanges: list[Exchange]) -> bool:
    ends = [each.last for each in exchanges if isinstance(each.last, End)]
    return all(end.how == "server abort" and end.comments == 0 for end in ends)
