"""Real clients at the bridge, in front of the generations of the official service."""

import asyncio
import json
from pathlib import Path

import httpx2
import msgspec
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent
from notes_client import Credentials

from bridging import LIFETIME, PROFILES, TOOL, bridge_process, browsing
from peers.clients import BROWSER, BROWSING
from peers.processes import environment, finished
from peers.servers import Walk
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.service import Choices


async def walk(url: str, service: StandIn) -> tuple[str, int, list[str], Credentials]:
    credentials = Credentials()
    async with (
        httpx2.AsyncClient(auth=browsing(url, credentials), timeout=30, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        tools = (await client.list_tools()).tools
        texts = []
        for _ in range(3):
            result = await client.call_tool(TOOL, {})
            texts += [block.text for block in result.content if isinstance(block, TextContent)]
            service.clock.advance(LIFETIME + 1)
        return client.protocol_version, len(tools), texts, credentials


@pytest.mark.parametrize("profile", PROFILES)
def test_a_real_client_lives_through_the_upstreams_expiry(profile: str, tmp_path: Path) -> None:
    with (
        replayed(profile, choices=Choices(expires_in=LIFETIME)) as service,
        bridge_process(service.url, tmp_path / "bridge.sqlite") as (url, log),
    ):
        version, tools, texts, credentials = asyncio.run(walk(url, service))
        operations = [entry.operation for entry in service.journal]
        said = log.read_text()
    spoken = dict(zip(PROFILES, ("2025-03-26", "2025-06-18", "2025-11-25"), strict=True))
    assert (version, tools) == (spoken[profile], 24)
    assert [text.partition(":")[0] for text in texts] == [TOOL] * 3
    assert operations.count("authorization_code") == 1
    assert operations.count("refresh_token") >= 2
    assert credentials.issued == 1
    assert credentials.tokens is not None
    assert credentials.tokens.access_token not in said
    assert "code=" not in said


@pytest.mark.parametrize("client", BROWSING)
def test_others_authorize_list_and_call(client: str, tmp_path: Path) -> None:
    calls = msgspec.json.encode(Walk("streamable-http", ((TOOL, {}),)))
    with (
        replayed(PROFILES[0]) as service,
        bridge_process(service.url, tmp_path / "bridge.sqlite") as (url, _),
    ):
        out, _ = finished([*BROWSING[client](), url], environment() | BROWSER, calls)
    seen = json.loads(out.splitlines()[-1])
    assert len(seen["tools"]) == 24
    assert [text.partition(":")[0] for text in seen["results"]] == [TOOL]
