"""The servers: how each is started, how a client is to walk it, and what it then answers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from peers.environments import interpreter
from peers.forking import forked
from peers.jira_imitation import CALLERS, ISSUE
from peers.processes import PEERS, ROOT, environment, serving
from peers.tls import Authority

type Transport = Literal["streamable-http", "sse"]


@dataclass(frozen=True)
class Walk:
    """What a client does after the handshake: list the tools, then these calls in order.

    A client that is answered 401 obtains a grant. It consents to everything it is asked. Before
    the last call of a walk with `refresh` it waits until its token has expired. `notifications`
    are the ones, besides progress, that come on a stream of their own.
    """

    transport: Transport
    calls: tuple[tuple[str, dict[str, Any]], ...]
    headers: dict[str, str] = field(default_factory=dict)
    notifications: tuple[str, ...] = ()
    refresh: bool = False


@dataclass(frozen=True)
class Server:
    """A running server; `answers` are parts of the texts that the calls of its walk result in."""

    url: str
    walk: Walk
    answers: tuple[str, ...]
    log: Path
    ca_file: Path | None


@dataclass(frozen=True)
class Recipe:
    """How a server is started and walked.

    A `fronted` one speaks plain HTTP only and is put behind a TLS-terminating front.
    """

    command: Callable[[], list[str]]
    walk: Walk
    answers: tuple[str, ...]
    fronted: bool = False


def notes(transport: Transport, *options: str) -> Recipe:
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("add_note", {"title": "milk", "text": "two litres"}),
        ("import_notes", {"count": 3}),
        ("delete_note", {"title": "milk"}),
        ("list_notes", {}),
    )
    return Recipe(
        lambda: [*forked(str(ROOT / "examples/notes_server.py")), *options],
        Walk(transport, calls, notifications=("notifications/resources/updated",)),
        (
            "added 'milk'",
            "imported 3 notes",
            "deleted 'milk'",
            "imported 1\nimported 2\nimported 3",
        ),
    )


def atlassian() -> Recipe:
    token, name = next(iter(CALLERS.items()))
    headers = {
        "authorization": f"Bearer {token}",
        "x-atlassian-cloud-id": "00000000-0000-4000-8000-000000000001",
    }
    script = PEERS / "atlassian_server.py"
    return Recipe(
        lambda: [*forked(str(script), interpreter(script))],
        Walk(
            "streamable-http",
            (
                ("jira_get_issue", {"issue_key": ISSUE}),
                ("jira_search", {"jql": "project = DEMO"}),
            ),
            headers,
        ),
        (name, name),
        fronted=True,
    )


SERVERS = {
    "notes": notes("streamable-http"),
    "notes-sse": notes("sse", "--sse"),
    "atlassian": atlassian(),
    "redirecting": Recipe(
        lambda: [sys.executable, "-m", "peers.slash_server"],
        Walk("streamable-http", ()),
        (),
        fronted=True,
    ),
}


@contextmanager
def serve(
    name: str, *, tls: Authority | None = None, options: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Run one of `SERVERS`, over TLS if given an authority, with further command line options."""
    recipe = SERVERS[name]
    files = ["--tls-cert", str(tls.cert_file), "--tls-key", str(tls.key_file)] if tls else []
    command = [*recipe.command(), *options]
    with ExitStack() as stack:
        url, log = stack.enter_context(
            serving(command if recipe.fronted else command + files, environment())
        )
        if tls and recipe.fronted:
            front = [sys.executable, "-m", "peers.tls_front", url, *files]
            url, _ = stack.enter_context(serving(front, environment()))
        yield Server(url, recipe.walk, recipe.answers, log, tls.ca_file if tls else None)
