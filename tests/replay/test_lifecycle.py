"""The life of a token as it was measured in 55 minutes, over HTTP, in virtual time."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from replayed import CALLBACK, CHALLENGE, VERIFIER, shipped
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running


@pytest.mark.timeout(5)
def test_authorize_call_expire_refresh_call() -> None:
    asyncio.run(_lifecycle())


async def _lifecycle() -> None:
    clock = Clock(rate=0)
    async with (
        running(shipped("atlassian-2025-08"), clock=clock) as at,
        httpx.AsyncClient(timeout=5, trust_env=False) as http,
    ):
        site = at.urls[0].removesuffix("/v1/sse")
        found = await http.get(f"{site}/.well-known/oauth-authorization-server")
        metadata = found.json()
        asked = {"redirect_uris": [CALLBACK]}
        client = (await http.post(metadata["registration_endpoint"], json=asked)).json()
        code = await _consent(http, metadata["authorization_endpoint"], client["client_id"])

        async def grant(**given: str) -> Any:
            form = {"client_id": client["client_id"], **given}
            answer = await http.post(metadata["token_endpoint"], data=form)
            assert answer.status_code == 200, answer.text
            return answer.json()

        tokens = await grant(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
        )
        assert await _call(http, at.urls[0], tokens) == 202
        clock.advance(tokens["expires_in"])
        clock.advance(16)
        assert await _call(http, at.urls[0], tokens) == 401
        refreshed = await grant(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert (
            refreshed["access_token"].rpartition(":")[0]
            == (tokens["access_token"].rpartition(":")[0])
        )
        assert await _call(http, at.urls[0], refreshed) == 202


async def _consent(http: httpx.AsyncClient, endpoint: str, client_id: str) -> str:
    redirect = await http.get(
        endpoint,
        params={
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        },
    )
    return parse_qs(urlsplit(redirect.headers["location"]).query)["code"][0]


async def _call(http: httpx.AsyncClient, url: str, tokens: Any) -> int:
    """Call a tool in a session of its own; gives the status that decides."""
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    async with http.stream("GET", url, headers=headers) as stream:
        if stream.status_code != 200:
            return stream.status_code
        events = _events(stream)
        endpoint = await anext(events)
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        params = {"name": "getVisibleJiraProjects", "arguments": {"cloudId": "c"}}
        posted = await http.post(
            str(stream.url.join(endpoint)), json=message | {"params": params}, headers=headers
        )
        answer = json.loads(await anext(events))
        assert answer["id"] == 1
        assert answer["result"]["isError"] is False
        return posted.status_code


async def _events(stream: httpx.Response) -> AsyncIterator[str]:
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield line.removeprefix("data: ")
