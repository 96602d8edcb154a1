"""A real client and a real service with the bridge between: progress and questions pass, too."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent
from notes_client import Credentials, User

from bridging import bridge_process, browsing
from peers.processes import ROOT, environment, serving


async def walk(url: str) -> tuple[list[str], User]:
    user = User()
    auth = browsing(url, Credentials())
    async with (
        httpx2.AsyncClient(auth=auth, timeout=30, trust_env=False) as http,
        Client(
            streamable_http_client(url, http_client=http),
            mode="legacy",
            elicitation_callback=user.consent,
        ) as client,
    ):
        texts = []
        calls: tuple[tuple[str, dict[str, Any]], ...] = (
            ("add_note", {"title": "milk", "text": "two litres"}),
            ("import_notes", {"count": 3}),
            ("delete_note", {"title": "milk"}),
        )
        for name, arguments in calls:
            result = await client.call_tool(name, arguments, progress_callback=user.watch)
            texts += [block.text for block in result.content if isinstance(block, TextContent)]
        return texts, user


@pytest.mark.parametrize("options", [(), ("--sse",)])
def test_progress_and_questions_pass(tmp_path: Path, options: tuple[str, ...]) -> None:
    notes = [sys.executable, str(ROOT / "examples/notes_server.py"), *options]
    scope = ("--scope", "notes:read notes:write")
    with (
        serving(notes, environment()) as (upstream, _),
        bridge_process(upstream, tmp_path / "bridge.sqlite", *scope) as (url, _),
    ):
        texts, user = asyncio.run(walk(url))
    assert texts == ["added 'milk'", "imported 3 notes", "deleted 'milk'"]
    assert user.progress == [1, 2, 3]
    assert user.questions == ["Delete the note 'milk'?"]
