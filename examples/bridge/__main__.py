"""Starts a bridge: `python -m bridge --upstream URL`, from the folder `examples`."""

import argparse
import asyncio
import logging
import socket
from pathlib import Path

import uvicorn

from bridge.settings import SCOPE, Settings
from bridge.web import bridge


def main() -> None:
    """Print the URL of the MCP endpoint, and serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="bridge", description=main.__doc__)
    parser.add_argument("--upstream", required=True, help="URL of the MCP endpoint behind")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--store", type=Path, default=Path("bridge.sqlite"), help="SQLite file")
    parser.add_argument("--scope", default=SCOPE, help="what is asked for upstream")
    parser.add_argument("--signed-jwt", action="store_true", help="discouraged: all can read it")
    parser.add_argument("--token-seconds", type=int, help="shorter access tokens than need be")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for upstream")
    parser.add_argument("--host", action="append", default=[], help="another name, as in Host")
    parser.add_argument("--origin", action="append", help="whose pages may call; without: all")
    parser.add_argument("--trusted-proxy", action="append", default=[], help="its address")
    args = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", args.port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    settings = Settings(
        args.upstream,
        args.store,
        frozenset([f"127.0.0.1:{port}", f"localhost:{port}", *args.host]),
        args.scope,
        args.signed_jwt,
        args.token_seconds,
        args.timeout,
        frozenset(args.origin or {"*"}),
        frozenset(args.trusted_proxy),
    )
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("bridge").setLevel(logging.INFO)
    config = uvicorn.Config(
        bridge(settings),
        access_log=False,  # it has the queries, and those have codes
        log_level="warning",
        proxy_headers=False,  # which are believed is for the bridge to say
        timeout_graceful_shutdown=1,
    )
    print(f"http://127.0.0.1:{port}/mcp", flush=True)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
