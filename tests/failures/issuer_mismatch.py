"""An authorization server's metadata name another issuer than where they are found.

The client is the real SDK's, which then gives up (RFC 8414, section 3.3).
"""

from contextlib import nullcontext
from urllib.parse import parse_qsl, urlsplit

from mcp.client.auth import OAuthClientProvider, TokenStorage
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl
from starlette.applications import Starlette
from starlette.routing import Mount

from failures.oauth import CALLBACK, AuthorizationServer
from failures.scene import breaking_off, browser, notes, refusing, serving, session
from loopback import Recorder
from wiretape.recorder.log.exchanges import Exchange
from wiretape.recorder.log.oauth import parameters, step

DIAGNOSIS = "issuer_mismatch"

ELSEWHERE = "https://auth.example.com"


class Kept(TokenStorage):
    """Keeps a registration and tokens in memory."""

    client: OAuthClientInformationFull | None = None
    tokens: OAuthToken | None = None

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens


def authorization(recorder: Recorder, url: str) -> OAuthClientProvider:
    answer: dict[str, str] = {}

    async def consent(authorize: str) -> None:
        async with browser(recorder) as http:
            redirect = await http.get(authorize)
        answer.update(parse_qsl(urlsplit(redirect.headers["location"]).query))

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=answer["code"], state=answer["state"])

    metadata = OAuthClientMetadata(client_name="client", redirect_uris=[AnyUrl(CALLBACK)])
    return OAuthClientProvider(
        url, metadata, Kept(), redirect_handler=consent, callback_handler=callback
    )


async def play(recorder: Recorder, *, mended: bool) -> None:
    server = AuthorizationServer(issuer=None if mended else ELSEWHERE)
    service = notes().streamable_http_app()
    app = Starlette(
        routes=[*server.routes, Mount("/", service)], lifespan=service.router.lifespan_context
    )
    async with serving(refusing(app, server.refusal)) as origin:
        url = f"{origin}/mcp"
        with nullcontext() if mended else breaking_off():
            async with session(recorder, url, auth=authorization(recorder, url)) as client:
                await client.list_tools()


def seen(exchanges: list[Exchange]) -> bool:
    documents = [each for each in exchanges if step(each) == "server metadata" and each.response]
    issuers = [parameters(each.response.body).get("issuer") for each in documents if each.response]
    return ELSEWHERE in issuers and not any(step(each) == "registration" for each in exchanges)
