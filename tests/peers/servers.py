"""The servers: how each is started, how a client is to walk it, and what it then answers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from peers.processes import environment, serving
from peers.tls import Authority

PEERS = Path(__file__).parent
ROOT = PEERS.parents[1]

type Transport = Literal["streamable-http", "sse"]


@dataclass(frozen=True)
class Walk:
    """What a client does after the handshake: list the tools, then these calls in order.

    A client that is answered 401 obtains a grant. It consents to everything it is asked. Before
    the last call of a walk with `refresh` it waits until its token has expired. `notifications`
    are the ones, besides progress, that a client with a stream for them must have seen at the end.
    """

    transport: Transport
    calls: tuple[tuple[str, dict[str, Any]], ...]
    headers: dict[str, str] = field(default_factory=dict)
    notifications: tuple[str, ...] = ()
    refresh: bool = False


@dataclass(frozen=True)
class Server:
    """A running server; `results` are the texts that the calls of its walk answer."""

    url: str
    walk: Walk
    results: tuple[str, ...]
    log: Path
    ca_file: Path | None


@dataclass(frozen=True)
class Recipe:
    """How a server is started and walked."""

    command: tuple[str, ...]
    walk: Walk
    results: tuple[str, ...]


def notes(transport: Transport, *options: str) -> Recipe:
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("add_note", {"title": "milk", "text": "two litres"}),
        ("import_notes", {"count": 3}),
        ("delete_note", {"title": "milk"}),
        ("list_notes", {}),
    )
    return Recipe(
        (sys.executable, str(ROOT / "examples/notes_server.py"), *options),
        Walk(transport, calls, notifications=("notifications/resources/updated",)),
        (
            "added 'milk'",
            "imported 3 notes",
            "deleted 'milk'",
            "imported 1\nimported 2\nimported 3",
        ),
    )


SERVERS = {
    "notes": notes("streamable-http"),
    "notes-sse": notes("sse", "--sse"),
}


@contextmanager
def serve(
    name: str, *, tls: Authority | None = None, token_seconds: int = 3600
) -> Iterator[Server]:
    """Run one of `SERVERS`, over TLS if given an authority; its access tokens live so long."""
    recipe = SERVERS[name]
    command = [*recipe.command, "--token-seconds", str(token_seconds)]
    if tls:
        command += ["--tls-cert", str(tls.cert_file), "--tls-key", str(tls.key_file)]
    with serving(command, environment()) as (url, log):
        yield Server(url, recipe.walk, recipe.results, log, tls.ca_file if tls else None)
