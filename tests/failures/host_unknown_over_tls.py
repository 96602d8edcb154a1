"""The service is private, so that its name is in no DNS that the gateway can ask, over https.

The client asks for a tunnel and does not get it, so no request is ever seen.
"""

from contextlib import nullcontext

import httpx
import pytest

from failures.scene import ACCEPT, browser, initialize, notes, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "service_unreachable"

NOWHERE = "https://mcp-notes.private.invalid"  # RFC 6761, section 6.4: never resolves


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().streamable_http_app()) as origin, browser(recorder) as http:
        url = f"{origin if mended else NOWHERE}/mcp"
        with nullcontext() if mended else pytest.raises(httpx.ProxyError):
            await http.post(url, json=initialize(), headers={"accept": ACCEPT})


def seen(exchanges: list[Exchange]) -> bool:
    return not exchanges
