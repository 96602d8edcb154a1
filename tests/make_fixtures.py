"""Capture the recordings in `fixtures/recordings/` anew, from real servers: `make fixtures`."""

import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from peers import make_authority, serve
from peers.processes import ROOT
from walked import record_command, record_walk

RECORDINGS = ROOT / "fixtures/recordings"
MCP = version("mcp")


def keep(recording: Path, name: str) -> None:
    """Put a recording among the fixtures."""
    target = RECORDINGS / f"{name}.jsonl"
    shutil.copyfile(recording, target)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size:>7} bytes")


def capture(scratch: Path) -> None:
    """Record each fixture in turn."""
    home = scratch / "home"
    short = ("--token-seconds", "2")

    with serve("notes", options=short) as server:
        walk = record_walk(
            "mcp2-handshake",
            server,
            home=home,
            out=scratch,
            name="oauth-streamable",
            refresh=True,
            provenance=f"mcp {MCP} client at the mcp {MCP} notes server (examples/), streamable "
            "HTTP behind OAuth, with an expired token and its refresh; on loopback",
        )
    keep(walk.path, "oauth-streamable")

    with serve("notes-sse", options=short) as server:
        walk = record_walk(
            "typescript",
            server,
            home=home,
            out=scratch,
            name="oauth-sse",
            refresh=True,
            provenance="@modelcontextprotocol/sdk 1.32 client at the mcp "
            f"{MCP} notes server (examples/), HTTP+SSE behind OAuth, with a refresh; on loopback",
        )
    keep(walk.path, "oauth-sse")

    with serve("atlassian") as server:
        walk = record_walk(
            "mcp1",
            server,
            home=home,
            out=scratch,
            name="mcp-atlassian",
            provenance="mcp 1.30 client at the real mcp-atlassian 0.23.1 before an imitation of "
            "Jira; on loopback",
        )
    keep(walk.path, "mcp-atlassian")

    with serve("redirecting", tls=make_authority(scratch)) as server:
        chain = record_command(
            [sys.executable, "-m", "peers.redirected_client", server.url],
            server,
            home=home,
            out=scratch,
            name="redirects",
            provenance="a client that follows every redirect, at a server that wants a trailing "
            "slash behind a front that ends TLS: POST 307 to http, 301 back to https, GET 400; "
            "on loopback",
        )
    keep(chain.path, "redirects")


def main() -> None:
    """Capture all fixtures."""
    with tempfile.TemporaryDirectory() as scratch:
        capture(Path(scratch))


if __name__ == "__main__":
    main()
