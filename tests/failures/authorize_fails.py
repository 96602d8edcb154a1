"""The authorization server's page for the user answers 500."""

from starlette.applications import Starlette

from failures.oauth import AuthorizationServer, OAuthClient
from failures.scene import browser, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import step

DIAGNOSIS = "authorize_fails"


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer(broken=not mended)
    async with serving(Starlette(routes=server.routes)) as origin, browser(recorder) as http:
        await OAuthClient(http, origin).authorize()


def seen(exchanges: list[Exchange]) -> bool:
    return any(step(each) == "authorization" and each.status == 500 for each in exchanges)
