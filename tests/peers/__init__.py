"""Real servers and real clients, as processes on loopback, for the recorder to stand between.

    with serve("notes", tls=authority) as server:
        summary = run_client("mcp2", server, refresh=True)

A server says how it is to be walked; every client can walk every server, except `redirecting`,
which is there to be redirected by (`follow_redirects`). A component that cannot be had is a
failure, never a skip.
"""

from peers.clients import (
    CLIENTS,
    Hop,
    Summary,
    client_command,
    client_environment,
    follow_redirects,
    run_client,
)
from peers.servers import SERVERS, Server, Walk, serve
from peers.tls import Authority, make_authority

__all__ = [
    "CLIENTS",
    "SERVERS",
    "Authority",
    "Hop",
    "Server",
    "Summary",
    "Walk",
    "client_command",
    "client_environment",
    "follow_redirects",
    "make_authority",
    "run_client",
    "serve",
]
