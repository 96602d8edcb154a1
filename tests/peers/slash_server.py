"""An MCP server at `/mcp/` that is asked for at `/mcp`, to stand behind a TLS-terminating front.

It redirects to the slash and, not knowing of the TLS before it, names `http://` in the redirect.
"""

import asyncio
import socket

import uvicorn
from mcp.server.mcpserver import MCPServer


def main() -> None:
    server = MCPServer("slash", log_level="WARNING")
    app = server.streamable_http_app(streamable_http_path="/mcp/")
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
    http = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    asyncio.run(uvicorn.Server(http).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
