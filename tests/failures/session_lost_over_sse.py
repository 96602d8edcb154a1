"""A client opens its stream again, but goes on posting to where the first stream told it to."""

from urllib.parse import urljoin

import httpx

from failures.scene import browser, message, notes, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "session_lost"


async def endpoint(stream: httpx.Response) -> str:
    """Read where a stream tells its client to post."""
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            return urljoin(str(stream.url), line.removeprefix("data: "))
    raise AssertionError("the stream ended before its first event")


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().sse_app()) as origin, browser(recorder) as http:
        stream = ("GET", f"{origin}/sse")
        async with http.stream(*stream, headers={"accept": "text/event-stream"}) as first:
            kept = await endpoint(first)
        async with http.stream(*stream, headers={"accept": "text/event-stream"}) as second:
            if mended:
                kept = await endpoint(second)
            for number in range(2):
                await http.post(kept, json=message("ping", number))


def seen(exchanges: list[Exchange]) -> bool:
    lost = [each for each in exchanges if each.request.method == "POST" and each.status == 404]
    return len(lost) > 1
