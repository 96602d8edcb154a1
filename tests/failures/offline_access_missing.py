"""Nobody asked for `offline_access`: when the token expires, the user has to consent again."""

import asyncio

import httpx
from starlette.applications import Starlette

from failures.oauth import OFFLINE, AuthorizationServer, OAuthClient
from failures.scene import ACCEPT, browser, initialize, refusing, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import parameters, step

DIAGNOSIS = "offline_access_missing"

LIFE = 1  # seconds


async def until_refused(http: httpx.AsyncClient, url: str, token: str) -> None:
    """Use a token for as long as it is taken."""
    headers = {"accept": ACCEPT, "authorization": f"Bearer {token}"}
    status = 0
    while status != 401:
        status = (await http.post(url, json=initialize(), headers=headers)).status_code
        await asyncio.sleep(LIFE / 5)


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer(seconds=LIFE)
    scope = f"read:notes {OFFLINE}" if mended else "read:notes"
    app = refusing(Starlette(routes=server.routes), server.refusal)
    async with serving(app) as origin, browser(recorder) as http:
        client = OAuthClient(http, origin)
        await client.discover()
        issued = (await client.exchange(await client.authorize(scope))).json()
        await until_refused(http, f"{origin}/mcp", issued["access_token"])
        if mended:
            await client.renew(issued["refresh_token"])
        else:
            await client.exchange(await client.authorize(scope))


def seen(exchanges: list[Exchange]) -> bool:
    asked = sum(step(each) == "authorization" for each in exchanges)
    refreshed = any("refresh_token" in parameters(each.request.body) for each in exchanges)
    return asked == 2 and not refreshed
