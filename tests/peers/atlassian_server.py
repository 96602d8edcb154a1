# /// script
# requires-python = ">=3.13"
# dependencies = ["mcp-atlassian==0.23.1"]
# ///
"""The real mcp-atlassian in its own environment, before an imitation of Jira in the same process.

Takes a port, or chooses one. Prints its URL; it is ready when its port accepts connections, some
ten seconds later.
"""

import os
import socket
import sys
from functools import partial
from threading import Thread

import uvicorn
from jira_imitation import jira


def bound(port: int = 0) -> socket.socket:
    """Take a port, or a free one; nobody can connect before something listens on it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", port))
    return taken


def url(taken: socket.socket, path: str = "") -> str:
    return f"http://127.0.0.1:{taken.getsockname()[1]}{path}"


def main() -> None:
    imitation, service = bound(), bound(*map(int, sys.argv[1:]))
    server = uvicorn.Server(uvicorn.Config(jira, log_level="warning"))
    Thread(target=server.run, args=[[imitation]], daemon=True).start()
    os.environ.update(
        ATLASSIAN_OAUTH_ENABLE="true",
        JIRA_URL=url(imitation),
        TRANSPORT="streamable-http",
        HOST="127.0.0.1",
        PORT=str(service.getsockname()[1]),
        FASTMCP_CHECK_FOR_UPDATES="off",
        FASTMCP_SHOW_SERVER_BANNER="false",
    )
    # Only now: the package reads its environment while it is imported.
    import mcp_atlassian
    from mcp_atlassian.servers import main_mcp

    main_mcp.run_async = partial(main_mcp.run_async, sockets=[service])
    print(url(service, "/mcp"), flush=True)
    mcp_atlassian.main([])


if __name__ == "__main__":
    main()
