"""A client with an old SDK is told to send an Accept header that it does send."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from failures.scene import ACCEPT, browser, initialize, notes, refusing, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange, header

DIAGNOSIS = "sdk_outdated"

OLD, CURRENT = "1.9.1", "1.23.1"
WANTED = "Not Acceptable: Client must accept both application/json and text/event-stream"


def refusal(request: Request) -> Response | None:
    """Stand in for what happens between old SDKs."""
    if OLD not in request.headers["user-agent"]:
        return None
    error = {"code": -32600, "message": WANTED}
    return JSONResponse({"jsonrpc": "2.0", "id": "server-error", "error": error}, 406)


async def play(recorder: Recorder, *, mended: bool) -> None:
    version = CURRENT if mended else OLD
    headers = {"accept": ACCEPT, "user-agent": f"mcp-python-sdk/{version}"}
    app = refusing(notes().streamable_http_app(), refusal)
    async with serving(app) as origin, browser(recorder) as http:
        await http.post(f"{origin}/mcp", json=initialize("mcp", version), headers=headers)


def seen(exchanges: list[Exchange]) -> bool:
    return any(
        each.status == 406 and header(each.request.headers, "accept") == ACCEPT
        for each in exchanges
    )
