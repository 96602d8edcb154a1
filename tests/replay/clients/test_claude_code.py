"""Claude Code against services that are brought to life: it logs in, and finds the tools.

It needs no account for that. Its tools are called by a language model only, so none is called here.
"""

import asyncio
import os
import shlex
from pathlib import Path

import pytest

from peers.clients import BROWSER, claude_code
from peers.processes import finished
from replayed import shipped
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running
from wiretape.replay.service import Choices

TRANSPORTS = {
    "atlassian-2025-08": "sse",
    "atlassian-2026-03": "http",
    "atlassian-2026-09": "http",
}
GRANTS = ("authorization_code", "refresh_token")
NOWHERE = "http://127.0.0.1:9"


class ClaudeCode:
    """Claude Code with a home of its own, which reaches this machine only."""

    def __init__(self, home: Path) -> None:
        self._command = claude_code()
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "xterm",
            "CLAUDE_CONFIG_DIR": str(home / "claude"),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
            "NO_PROXY": "127.0.0.1,localhost",
            **BROWSER,
        }

    async def mcp(self, *words: str) -> str:
        """Run `claude mcp`; gives what it says."""
        return await self._run([*self._command, "mcp", *words])

    async def log_in(self, server: str) -> str:
        """Log in to a server; without a terminal it would not."""
        command = shlex.join([*self._command, "mcp", "login", server])
        return await self._run(["script", "-qec", command, os.devnull])

    async def _run(self, command: list[str]) -> str:
        out, _ = await asyncio.to_thread(finished, command, self._env)
        return out


def test_claude_code_registers_when_it_only_looks_whether_a_server_is_there(tmp_path: Path) -> None:
    async def visited() -> None:
        claude = ClaudeCode(tmp_path)
        async with running(shipped("atlassian-2026-03"), choices=Choices("consistent")) as at:
            await claude.mcp("add", "--transport", "http", "atlassian", at.urls[0])
            assert "Needs authentication" in await claude.mcp("list")
        asked = [(e.operation or e.role, e.status) for e in at.service.world.journal]
        assert asked[0] == ("initialize", 401)
        assert asked[-1] == ("registration", 201)

    asyncio.run(visited())


@pytest.mark.parametrize("profile", TRANSPORTS)
def test_claude_code_logs_in_finds_the_tools_and_refreshes(profile: str, tmp_path: Path) -> None:
    async def visited() -> None:
        clock, choices = Clock(rate=0), Choices("consistent")
        claude = ClaudeCode(tmp_path)
        async with running(shipped(profile), clock=clock, choices=choices) as at:
            await claude.mcp("add", "--transport", TRANSPORTS[profile], "atlassian", at.urls[0])
            await claude.log_in("atlassian")
            assert "✔ Connected" in await claude.mcp("list")
            clock.advance(4000)
            assert "✔ Connected" in await claude.mcp("list")
        asked = [(e.operation or e.role, e.status) for e in at.service.world.journal]
        assert [what for what, status in asked if status == 201] == ["registration"]
        granted = [(what, status) for what, status in asked if what in GRANTS]
        assert granted == [(grant, 200) for grant in GRANTS]
        listed = [status for what, status in asked if what == "tools/list"]
        assert listed == [202 if TRANSPORTS[profile] == "sse" else 200] * 2

    asyncio.run(visited())
