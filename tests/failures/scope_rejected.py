"""A client asks for a scope that the authorization server does not know."""

from starlette.applications import Starlette

from failures.oauth import AuthorizationServer, OAuthClient
from failures.scene import browser, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import location
from wiretape.recorder.log.urls import query

DIAGNOSIS = "scope_rejected"


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer()
    async with serving(Starlette(routes=server.routes)) as origin, browser(recorder) as http:
        client = OAuthClient(http, origin)
        await client.authorize("read:notes" if mended else "read:notes read:everything")


def seen(exchanges: list[Exchange]) -> bool:
    return any(query(location(each) or "").get("error") == "invalid_scope" for each in exchanges)
