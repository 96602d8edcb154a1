"""A bridge answers a GET without a token with nothing but headers."""

from starlette.requests import Request
from starlette.responses import Response

from failures.oauth import AuthorizationServer
from failures.scene import browser, notes, refusing, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange

DIAGNOSIS = "unauthorized_without_body"


async def play(recorder: Recorder, *, mended: bool) -> None:
    told = AuthorizationServer().refusal

    def silent(request: Request) -> Response | None:
        said = told(request)
        return said and Response(None, 401, {"www-authenticate": said.headers["www-authenticate"]})

    app = refusing(notes().streamable_http_app(), told if mended else silent)
    async with serving(app) as origin, browser(recorder) as http:
        await http.get(f"{origin}/mcp", headers={"accept": "text/event-stream"})


def seen(exchanges: list[Exchange]) -> bool:
    (asked,) = exchanges
    assert asked.response
    return asked.status == 401 and not (asked.response.body and asked.response.body.size)
