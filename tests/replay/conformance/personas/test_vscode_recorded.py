"""The persona of VS Code, held against recordings of VS Code itself at the same services."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from replayed import shipped
from walked import WIRETAPE
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.driving.vscode.account import NAME, Account
from wiretape.replay.conformance.driving.vscode.editor import Editor
from wiretape.replay.conformance.driving.vscode.fetching import by_node
from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.relaying import relaying
from wiretape.replay.edge.recording import recording
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.service import Choices

RECORDINGS = Path(__file__).parent / "recordings"
OF_CONNECTIONS = {"host", "connection", "content-length"}
SECRET = {"authorization", "mcp-session-id"}
CODE_SERVER = "code-server"
"""What VS Code calls itself in the recordings, where it has its own name otherwise."""

type Made = tuple[str, ...]
type Play = Callable[[Editor, Running], Awaitable[None]]


async def by_sse(editor: Editor, at: Running) -> None:
    """Connect, and again when the token is refused."""
    await editor.start()
    at.service.world.clock.advance(3600)
    await editor.stop()
    await editor.start()
    await editor.stop()


async def by_streamable_http(editor: Editor, at: Running) -> None:
    """Connect, and again; refresh whenever a session is to be ended."""
    for _ in range(2):
        await editor.start()
        editor.account.age()
        await editor.stop()


PLAYED = {
    "vscode-sse": ("atlassian-2025-08", by_sse),
    "vscode-streamable": ("atlassian-2026-09", by_streamable_http),
}


@pytest.mark.parametrize("name", PLAYED)
def test_each_request_is_as_vs_code_makes_it(name: str, tmp_path: Path) -> None:
    real = made(RECORDINGS / f"{name}.jsonl")
    persona = made(asyncio.run(asyncio.wait_for(played(tmp_path, *PLAYED[name]), 30)))
    assert set(persona) == set(real)
    connected = next(at for at, request in enumerate(real) if "authorization: …" in request)
    assert persona[: connected + 1] == real[: connected + 1]


def test_none_holds_a_secret() -> None:
    command = [WIRETAPE, "check", *(str(RECORDINGS / f"{name}.jsonl") for name in PLAYED)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


async def played(folder: Path, profile: str, play: Play) -> Path:
    """Play VS Code at a service; gives the recording of what it asked."""
    clock = Clock(rate=0)
    with recording(folder, "persona", clock, Redactor(), warn=pytest.fail, profile="x") as taken:
        async with (
            running(shipped(profile), clock=clock, choices=Choices("consistent")) as at,
            relaying(taken) as proxy,
            httpx.AsyncClient(proxy=proxy, trust_env=False) as http,
            httpx.AsyncClient(trust_env=False) as browser,
        ):
            fetch = by_node(http)
            await play(Editor(at.urls[0], fetch, Account(fetch, browser), None), at)
    return taken.path


def made(path: Path) -> list[Made]:
    """Give what VS Code made of its requests; those of the user's browser are left out."""
    with read(path) as lines:
        turns = [Turn(each, "down") for each in exchanges(lines)]
    return [as_made(turn) for turn in turns if not turn.path.endswith("/authorize")]


def as_made(turn: Turn) -> Made:
    """Give what is up to VS Code in a request: no secrets, no ports, no numbers."""
    headers = {name.lower(): value for name, value in turn.exchange.request.headers}
    told = {name: "…" if name in SECRET else value for name, value in headers.items()}
    asked = turn.asked
    if isinstance(asked, dict):
        asked = {name: value for name, value in asked.items() if name != "id"}
    parts = (
        f"{turn.method} {turn.path}",
        *(f"{name}: {told[name]}" for name in sorted(told.keys() - OF_CONNECTIONS)),
        json.dumps(asked, sort_keys=True),
        f"{turn.form.get('grant_type')} {list(turn.form)}",
    )
    return tuple(part.replace(CODE_SERVER, NAME) for part in parts)
