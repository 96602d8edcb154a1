"""Nothing listens on the port that the gateway is configured with."""

import socket

from failures.scene import ACCEPT, browser, initialize, notes, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.records import Error

DIAGNOSIS = "service_unreachable"


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().streamable_http_app()) as origin, browser(recorder) as http:
        with socket.socket() as bound:  # so nobody else can have the port
            bound.bind(("127.0.0.1", 0))
            nobody = f"http://127.0.0.1:{bound.getsockname()[1]}"
            url = f"{origin if mended else nobody}/mcp"
            await http.post(url, json=initialize(), headers={"accept": ACCEPT})


def seen(exchanges: list[Exchange]) -> bool:
    return any(isinstance(each.last, Error) and each.last.kind == "connect" for each in exchanges)
