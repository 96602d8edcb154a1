"""A bridge has CORS on, but does not expose `mcp-session-id` to scripts of another origin."""

from mcp.server.transport_security import TransportSecuritySettings
from starlette.middleware.cors import CORSMiddleware

from failures.scene import ACCEPT, browser, initialize, notes, serving
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange, header

DIAGNOSIS = "session_id_not_exposed"

PAGE = {"accept": ACCEPT, "origin": "https://editor.example"}


async def play(recorder: Recorder, *, mended: bool) -> None:
    anybody = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = notes().streamable_http_app(transport_security=anybody)
    exposed = ["mcp-session-id"] if mended else []
    cors = CORSMiddleware(app, allow_origins=["*"], expose_headers=exposed)
    async with serving(cors) as origin, browser(recorder) as http:
        opened = await http.post(f"{origin}/mcp", json=initialize(), headers=PAGE)
        assert opened.headers["mcp-session-id"]


def seen(exchanges: list[Exchange]) -> bool:
    (asked,) = exchanges
    assert asked.response
    headers = asked.response.headers
    return (
        header(headers, "mcp-session-id") is not None
        and header(headers, "access-control-allow-origin") == "*"
        and header(headers, "access-control-expose-headers") is None
    )
