"""A notes server: a real MCP server behind real OAuth, on loopback, kept in memory.

    python examples/notes_server.py --token-seconds 60

prints the address of its MCP endpoint once it accepts connections and serves until SIGTERM. It
speaks streamable HTTP at `/mcp`, or with `--sse` the legacy HTTP+SSE transport at `/sse`.
"""

import argparse
import asyncio
import socket
from typing import Annotated

import uvicorn
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, Resolve
from notes_oauth import NotesOAuth
from pydantic import BaseModel

SCOPES = ["notes:read", "notes:write"]
ALL_NOTES = "notes://all"


class Consent(BaseModel):
    """What the user answers when asked."""

    yes: bool


def ask(title: str) -> Elicit[Consent]:
    """Ask the user through the client before a note is deleted."""
    return Elicit(f"Delete the note {title!r}?", Consent)


def notes_server(url: str, token_seconds: int) -> MCPServer:
    """Make the server whose MCP endpoint is at `url`, protected by its own authorization server."""
    origin, _, _ = url.rpartition("/")
    server = MCPServer(
        "notes",
        version="1.0.0",
        instructions="Keeps short notes.",
        auth_server_provider=NotesOAuth(token_seconds),
        auth=AuthSettings.model_validate(  # which, unlike AnyHttpUrl, adds no slash to the issuer
            {
                "issuer_url": origin,
                "resource_server_url": url,
                "validate_token_resource": True,
                "required_scopes": SCOPES,
                "client_registration_options": {
                    "enabled": True,
                    "valid_scopes": SCOPES,
                    "default_scopes": SCOPES,
                },
                "revocation_options": {"enabled": True},
            }
        ),
        log_level="WARNING",
    )
    notes: dict[str, str] = {}

    @server.resource(ALL_NOTES)
    def all_notes() -> str:
        """Give every note as text."""
        return "\n".join(f"{title}: {text}" for title, text in notes.items())

    @server.tool()
    async def add_note(title: str, text: str, ctx: Context) -> str:
        """Add a note, and tell the clients that watch the notes."""
        notes[title] = text
        await ctx.session.send_resource_updated(ALL_NOTES)  # revisions with a session
        await ctx.notify_resource_updated(ALL_NOTES)  # 2026-07-28, to its subscribers
        return f"added {title!r}"

    @server.tool()
    def list_notes() -> list[str]:
        """List the titles of all notes."""
        return list(notes)

    @server.tool()
    async def import_notes(count: int, ctx: Context) -> str:
        """Add `count` notes and report the progress after each."""
        for number in range(1, count + 1):
            notes[f"imported {number}"] = "to read"
            await ctx.report_progress(number, count, f"note {number} of {count}")
        return f"imported {count} notes"

    @server.tool()
    def delete_note(title: str, consent: Annotated[Consent, Resolve(ask)]) -> str:
        """Delete a note if the user agrees."""
        if title not in notes:
            raise ToolError(f"there is no note {title!r}")
        if not consent.yes:
            return f"kept {title!r}"
        del notes[title]
        return f"deleted {title!r}"

    return server


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=notes_server.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token-seconds", type=int, default=3600)
    parser.add_argument("--sse", action="store_true", help="the legacy HTTP+SSE transport")
    parser.add_argument("--tls-cert", help="certificate chain, PEM; serves https")
    parser.add_argument("--tls-key", help="its private key, PEM")
    args = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", args.port))
    listener.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )  # asyncio only does it for its own
    scheme = "https" if args.tls_cert else "http"
    path = "sse" if args.sse else "mcp"
    url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/{path}"
    server = notes_server(url, args.token_seconds)
    http = uvicorn.Config(
        server.sse_app() if args.sse else server.streamable_http_app(),
        log_level="warning",
        ssl_certfile=args.tls_cert,
        ssl_keyfile=args.tls_key,
        timeout_graceful_shutdown=1,
    )
    print(url, flush=True)
    asyncio.run(uvicorn.Server(http).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
