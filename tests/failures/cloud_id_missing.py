"""One place of a gateway sends the cloud id with its Bearer, another forgets it and gets a 400."""

from contextlib import nullcontext

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from failures.scene import breaking_off, notes, refusing, serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange, header

DIAGNOSIS = "cloud_id_missing"

CLOUD_ID = "X-Atlassian-Cloud-Id"
BEARER = {"Authorization": "Bearer an-opaque-token-of-the-user"}
SITE = {CLOUD_ID: "00000000-0000-4000-8000-000000000002"}


def refusal(request: Request) -> Response | None:
    wanted = "authorization" in request.headers and CLOUD_ID not in request.headers
    return JSONResponse({"error": "Bad Request"}, 400) if wanted else None


async def play(recorder: Recorder, *, mended: bool) -> None:
    async with serving(refusing(notes().streamable_http_app(), refusal)) as origin:
        async with session(recorder, f"{origin}/mcp", headers=BEARER | SITE) as listing:
            await listing.list_tools()
        headers = BEARER | SITE if mended else BEARER
        with nullcontext() if mended else breaking_off():
            async with session(recorder, f"{origin}/mcp", headers=headers) as calling:
                await calling.call_tool("read_note", {"title": "milk"})


def seen(exchanges: list[Exchange]) -> bool:
    return any(
        each.status == 400
        and header(each.request.headers, "authorization") is not None
        and header(each.request.headers, CLOUD_ID.lower()) is None
        for each in exchanges
    )
