"""A gateway adds `Accept` and `Content-Type` to what its SDK sends as `accept`, `content-type`.

Names of headers differ in a dictionary of Python when their case does; on the wire they are one
header that comes twice, and a strict server refuses it.
"""

import json

from loopback import Ask, Origin, Recorder, Turn, talk
from loopback.wire import response
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "header_in_two_spellings"

TYPES = b"application/json, text/event-stream"
OF_THE_SDK = ((b"accept", TYPES), (b"content-type", b"application/json"))
OF_THE_GATEWAY = ((b"Accept", TYPES), (b"Content-Type", b"application/json"))
JSON = b"Content-Type: application/json"


async def strict(turn: Turn) -> None:
    """Take a header once only."""
    await turn.read()
    names = [name.lower() for name, _ in turn.request.headers]
    if len(names) > len(set(names)):
        await turn.send(response(b'{"error":"Bad Request"}', JSON, status=b"400 Bad Request"))
    else:
        await turn.send(response(b'{"jsonrpc":"2.0","id":1,"result":{}}', JSON))


async def play(recorder: Recorder, *, mended: bool) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    length = (b"Content-Length", b"%d" % len(body))
    headers = (*OF_THE_SDK, *(() if mended else OF_THE_GATEWAY), length)
    async with Origin(strict) as origin:
        await talk(Ask(b"POST", b"/mcp/", headers, (body,)), origin, recorder.way)


def seen(exchanges: list[Exchange]) -> bool:
    (asked,) = exchanges
    names = [name for name, _ in asked.request.headers]
    return asked.status == 400 and {"accept", "Accept"} <= set(names)
