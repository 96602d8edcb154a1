"""The service is private, so that its name is in no DNS that the gateway can ask."""

from failures.scene import ACCEPT, browser, initialize, notes, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.records import Error

DIAGNOSIS = "service_unreachable"

NOWHERE = "http://mcp-notes.private.invalid"  # RFC 6761, section 6.4: never resolves


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(notes().streamable_http_app()) as origin, browser(recorder) as http:
        url = f"{origin if mended else NOWHERE}/mcp"
        await http.post(url, json=initialize(), headers={"accept": ACCEPT})


def seen(exchanges: list[Exchange]) -> bool:
    return any(isinstance(each.last, Error) and each.last.kind == "dns" for each in exchanges)
