"""Starts a gateway: `python -m gateway --config FILE`, from the folder `examples`."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn

from gateway.errors import SettingsError
from gateway.settings import Settings, read
from gateway.store import Store
from gateway.web import gateway


def main() -> None:
    """Print the URL, and serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="gateway", description=main.__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON with mcpServers")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--database",
        default=os.environ.get("GATEWAY_DATABASE"),
        help="sqlite:///… or postgresql://…; else $GATEWAY_DATABASE, else a file beside the key's",
    )
    parser.add_argument("--key-file", type=Path, default=Path("gateway.key"), help="made if absent")
    parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for services")
    args = parser.parse_args()

    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("gateway").setLevel(logging.INFO)
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # it logs what it also raises, in full
    try:
        database = args.database or f"sqlite:///{args.key_file.with_name('gateway.sqlite')}"
        settings = Settings(read(args.config), database, args.key_file, args.timeout)
        asyncio.run(_serve(settings, args.port))
    except SettingsError as error:
        sys.exit(f"gateway: {error}")


async def _serve(settings: Settings, port: int) -> None:
    store = Store(settings.database)
    app = gateway(settings, store)
    await store.prepare()
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        access_log=False,  # it has the queries, and those have codes
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    main()
