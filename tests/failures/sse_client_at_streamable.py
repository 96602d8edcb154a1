"""A client of HTTP+SSE asks for the stream of an endpoint that wants a POST first.

Both are the real SDK's.
"""

from mcp import Client
from mcp.client.sse import sse_client

from failures.scene import breaking_off, http2, notes, serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "transport_mixed_up"


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().streamable_http_app()) as origin:
        url = f"{origin}/mcp"
        if mended:
            async with session(recorder, url) as client:
                await client.list_tools()
            return
        stream = sse_client(url, httpx_client_factory=lambda *_, **__: http2(recorder))
        with breaking_off():
            async with Client(stream, mode="legacy"):
                pass


def seen(exchanges: list[Exchange]) -> bool:
    first = exchanges[0]
    return first.request.method == "GET" and first.status in {400, 405, 406}
