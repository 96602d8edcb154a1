"""A client keeps its first refresh token, though every refresh brought another."""

from starlette.applications import Starlette

from failures.oauth import AuthorizationServer, OAuthClient
from failures.scene import browser, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import parameters

DIAGNOSIS = "rotated_refresh_not_stored"


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer()
    async with serving(Starlette(routes=server.routes)) as origin, browser(recorder) as http:
        client = OAuthClient(http, origin)
        issued = (await client.exchange(await client.authorize())).json()
        kept = issued["refresh_token"]
        for _ in range(2):
            renewed = (await client.renew(kept)).json()
            if mended:
                kept = renewed["refresh_token"]


def seen(exchanges: list[Exchange]) -> bool:
    before, last = exchanges[-2:]
    tokens = {parameters(each.request.body)["refresh_token"] for each in (before, last)}
    return before.status == 200 and last.status == 400 and len(tokens) == 1
