"""A gateway exchanges its code without the `client_secret` that its configuration lost."""

import secrets

from starlette.applications import Starlette

from failures.oauth import AuthorizationServer, OAuthClient
from failures.scene import browser, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import parameters

DIAGNOSIS = "client_secret_missing"


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer(secret=secrets.token_urlsafe(32))
    async with serving(Starlette(routes=server.routes)) as origin, browser(recorder) as http:
        client = OAuthClient(http, origin)
        known = {"client_secret": str(server.secret)} if mended else {}
        await client.exchange(await client.authorize(), **known)


def seen(exchanges: list[Exchange]) -> bool:
    return any(
        each.status == 401
        and "client_secret" not in parameters(each.request.body)
        and each.response is not None
        and parameters(each.response.body).get("error") == "access_denied"
        for each in exchanges
    )
