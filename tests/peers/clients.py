"""The clients: how each is started, and what it tells of the session it walked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from peers.environments import interpreter, node_program
from peers.forking import forked
from peers.processes import PEERS, environment, finished
from peers.servers import Server


@dataclass(frozen=True)
class Summary:
    """What a client saw: the negotiated revision, tools, texts of the results, progress reported,
    questions asked by the server, notifications besides progress, and the grants it obtained.
    """

    protocol: str
    tools: tuple[str, ...]
    results: tuple[str, ...]
    progress: tuple[float, ...]
    questions: tuple[str, ...]
    notifications: tuple[str, ...]
    grants: tuple[str, ...]


type Hop = tuple[str, str, int]
"""A request sent: its method, its URL, the status it was answered with."""


def module(name: str, *options: str) -> Callable[[], list[str]]:
    """A client that runs in the tests' own environment."""
    return lambda: [*forked(f"peers.{name}"), *options]


def script(name: str) -> Callable[[], list[str]]:
    """A client that brings an environment of its own."""
    path = PEERS / name
    return lambda: [*forked(str(path), interpreter(path))]


CLIENTS: dict[str, Callable[[], list[str]]] = {
    "mcp2": module("mcp2_client"),
    "mcp2-handshake": module("mcp2_client", "--handshake"),
    "mcp1": script("mcp1_client.py"),
    "typescript": lambda: list(node_program(PEERS / "typescript", "client.mjs")),
    "httpx": module("by_hand", "httpx"),
    "curl": module("by_hand", "curl"),
}


BROWSING: dict[str, Callable[[], list[str]]] = {
    "fastmcp": script("fastmcp_client.py"),
    "mcp-remote": lambda: [
        *module("mcp_remote_client")(),
        *node_program(PEERS / "mcp_remote", "node_modules/mcp-remote/dist/proxy.js"),
    ],
}
"""Clients that open a browser and have a page of their own; they tell less of what they saw."""


def claude_code() -> list[str]:
    """Claude Code, which tells what it saw in words, and calls no tools without an account."""
    entry = "node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs"
    return list(node_program(PEERS / "claude_code", entry))


BROWSER = {
    "BROWSER": str(PEERS / "browser.py"),
    # What xdg-open looks at before `BROWSER`.
    "XDG_CURRENT_DESKTOP": "X-Generic",
    "DISPLAY": "",
    "WAYLAND_DISPLAY": "",
}


def client_command(name: str, server: Server) -> list[str]:
    """Give the command of a client; it expects the walk as JSON on stdin."""
    return [*CLIENTS[name](), server.url]


def client_environment(server: Server) -> dict[str, str]:
    """Give the environment of a client: no proxy, and the server's authority is trusted."""
    return environment(server.ca_file) | {"NODE_USE_ENV_PROXY": "1"}


def run_client(
    name: str, server: Server, *, refresh: bool = False, env: Mapping[str, str] | None = None
) -> Summary:
    """Walk a server with one of `CLIENTS`; `env` is added to its environment (proxies, say)."""
    walk = replace(server.walk, refresh=refresh)
    stdout, _ = finished(
        client_command(name, server),
        client_environment(server) | dict(env or {}),
        msgspec.json.encode(walk),
    )
    return msgspec.json.decode(stdout.splitlines()[-1], type=Summary)


def follow_redirects(server: Server, *, env: Mapping[str, str] | None = None) -> tuple[Hop, ...]:
    """Post to a server with a client that follows every redirect; give the requests it sent."""
    stdout, _ = finished(
        [*module("redirected_client")(), server.url],
        client_environment(server) | dict(env or {}),
    )
    return msgspec.json.decode(stdout, type=tuple[Hop, ...])
