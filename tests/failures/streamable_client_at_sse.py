"""A client of streamable HTTP posts to an endpoint that is an event stream, and never falls back.

Both are the real SDK's.
"""

from mcp import Client
from mcp.client.sse import sse_client

from failures.scene import breaking_off, http2, notes, serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "transport_mixed_up"


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().sse_app()) as origin:
        url = f"{origin}/sse"
        if mended:
            stream = sse_client(url, httpx_client_factory=lambda *_, **__: http2(recorder))
            async with Client(stream, mode="legacy") as client:
                await client.list_tools()
            return
        with breaking_off():
            async with session(recorder, url):
                pass


def seen(exchanges: list[Exchange]) -> bool:
    refused = any(each.request.method == "POST" and each.status == 405 for each in exchanges)
    return refused and not any(each.request.method == "GET" for each in exchanges)
