"""A session of a real MCP client with the notes server, OAuth included, without a browser.

    python examples/notes_client.py URL [--sse] [--handshake] [--refresh]

walks through everything the server offers and prints what it saw as JSON. Proxies and certificate
authorities come from the usual environment variables (`HTTPS_PROXY`, `SSL_CERT_FILE`, …).
"""

import argparse
import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from mcp.types import ElicitRequestParams, ElicitResult, TextContent, TextResourceContents
from pydantic import AnyUrl

CALLBACK = "http://127.0.0.1:8765/callback"


class Credentials:
    """Where the SDK keeps this client's registration and tokens: in memory."""

    def __init__(self) -> None:
        self.client: OAuthClientInformationFull | None = None
        self.tokens: OAuthToken | None = None
        self.issued = 0

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Give the registration, once there is one."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Keep the registration."""
        self.client = client_info

    async def get_tokens(self) -> OAuthToken | None:
        """Give the latest tokens, once there are some."""
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep the latest tokens and count them."""
        self.tokens = tokens
        self.issued += 1


def authorization(url: str, credentials: Credentials) -> OAuthClientProvider:
    """Obtain tokens for `url`; the "browser" reads the code from the redirect to the callback."""
    answer: dict[str, str] = {}

    async def open_browser(authorize: str) -> None:
        async with httpx2.AsyncClient() as browser:
            redirect = await browser.get(authorize)
        query = urlsplit(redirect.headers["location"]).query
        answer.update({name: value for name, [value] in parse_qs(query).items()})

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=answer["code"], state=answer["state"])

    return OAuthClientProvider(
        url,
        OAuthClientMetadata(client_name="notes client", redirect_uris=[AnyUrl(CALLBACK)]),
        credentials,
        redirect_handler=open_browser,
        callback_handler=callback,
    )


class User:
    """Whoever sits at the client: sees the progress and agrees to everything."""

    def __init__(self) -> None:
        self.progress: list[float] = []
        self.questions: list[str] = []

    async def watch(self, progress: float, total: float | None, message: str | None) -> None:
        """See the progress of a call."""
        self.progress.append(progress)

    async def consent(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """Answer a question that the server asks during a call."""
        self.questions.append(params.message)
        return ElicitResult(action="accept", content={"yes": True})


async def session(url: str, *, sse: bool, handshake: bool, refresh: bool) -> dict[str, Any]:
    """Walk a session and give what was seen in it."""
    credentials, user = Credentials(), User()
    auth = authorization(url, credentials)
    async with httpx2.AsyncClient(auth=auth, timeout=30) as http:
        streamable = streamable_http_client(url, http_client=http)
        async with Client(
            sse_client(url, auth=auth) if sse else streamable,
            mode="legacy" if handshake else "auto",
            elicitation_callback=user.consent,
        ) as client:

            async def call(name: str, **arguments: object) -> str:
                result = await client.call_tool(name, arguments, progress_callback=user.watch)
                return "\n".join(
                    block.text for block in result.content if isinstance(block, TextContent)
                )

            seen: dict[str, Any] = {
                "protocol": client.protocol_version,
                "tools": [tool.name for tool in (await client.list_tools()).tools],
                "results": [
                    await call("add_note", title="milk", text="two litres"),
                    await call("import_notes", count=3),
                    await call("delete_note", title="milk"),
                ],
            }
            if refresh and credentials.tokens:
                await asyncio.sleep(credentials.tokens.expires_in or 0)  # the token then expires
            resource = await client.read_resource("notes://all")
            return seen | {
                "notes": [
                    item.text
                    for item in resource.contents
                    if isinstance(item, TextResourceContents)
                ],
                "progress": user.progress,
                "questions": user.questions,
                "tokens issued": credentials.issued,
            }


def main() -> None:
    """Walk a session as the command line says."""
    parser = argparse.ArgumentParser(description=session.__doc__)
    parser.add_argument("url", help="the server's MCP endpoint")
    parser.add_argument("--sse", action="store_true", help="the legacy HTTP+SSE transport")
    parser.add_argument("--handshake", action="store_true", help="initialize, as before 2026-07-28")
    parser.add_argument("--refresh", action="store_true", help="wait until the token expires")
    args = parser.parse_args()
    seen = asyncio.run(
        session(args.url, sse=args.sse, handshake=args.handshake, refresh=args.refresh)
    )
    print(json.dumps(seen, indent=2))


if __name__ == "__main__":
    main()
