"""A bridge posts its refresh as JSON; a token endpoint takes forms."""

from starlette.applications import Starlette

from failures.oauth import AuthorizationServer, OAuthClient
from failures.scene import browser, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import parameters

DIAGNOSIS = "refresh_as_json"


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer()
    async with serving(Starlette(routes=server.routes)) as origin, browser(recorder) as http:
        client = OAuthClient(http, origin)
        issued = (await client.exchange(await client.authorize())).json()
        if mended:
            await client.renew(issued["refresh_token"])
        else:
            asked = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
            await http.post(f"{origin}/token", json=asked | {"client_id": client.client_id})


def seen(exchanges: list[Exchange]) -> bool:
    last = exchanges[-1]
    assert parameters(last.request.body)["grant_type"] == "refresh_token"
    assert last.request.body
    return last.status == 400 and last.request.body.form is None
