"""The option of `wiretape replay` that says which clients are known without registering."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.log.printable import printable
from wiretape.replay.oauth.clients import described
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.state import Client

Clients = Annotated[
    list[Path] | None,
    typer.Option(
        "--client",
        metavar="FILE",
        readable=False,
        help="A client that is known without registering: client_id, client_secret, redirect_uris.",
    ),
]


def enrolled(files: list[Path]) -> tuple[Client, ...]:
    """Read clients (RFC 7591, 3.2.1), one or a list in a file. Raises BadInputError."""
    found: dict[str, Client] = {}
    for file in files:
        for told in _told(file):
            try:
                client = described(told)
            except OAuthError as error:
                raise BadInputError(f"{file}: {printable(str(error))}") from error
            if client.id in found:
                raise BadInputError(f"{file}: the client {printable(client.id)} is there twice")
            found[client.id] = client
    return tuple(found.values())


def _told(file: Path) -> list[Any]:
    try:
        told = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise BadInputError(f"{file}: {error.strerror}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInputError(f"{file}: not JSON: {error}") from error
    return told if isinstance(told, list) else [told]
