"""Who may control services: whoever has the secret of this run, from no web page."""

import hmac
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError, WiretapeError

SECRET = "WIRETAPE_CONTROL_SECRET"  # noqa: S105  # the variable's name
"""The environment variable of a secret that was chosen beforehand."""
MAIN = "main"
"""What the service of the command line is called."""
_PATIENCE = 1.0  # seconds


@dataclass(frozen=True)
class Access:
    """Where the control API of one service is, and the secret that it takes."""

    url: str
    secret: str = field(repr=False)


def new_secret() -> str:
    """Give the secret of this run: the environment's, else a fresh one."""
    return os.environ.get(SECRET) or secrets.token_urlsafe(32)


def shows(authorization: str | None, secret: str) -> bool:
    """Tell whether an Authorization header has the secret (RFC 6750, 2.1)."""
    scheme, _, shown = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown.encode(), secret.encode())


def read(path: Path) -> Access:
    """Read a control file. Raises EnvironmentFaultError if there is none, else BadInputError."""
    try:
        told = json.loads(path.read_bytes())
        return Access(str(told["url"]), str(told["secret"]))
    except OSError as error:
        raise EnvironmentFaultError(
            f"{path}: {error.strerror}; `wiretape replay --control-file {path}` writes it"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise BadInputError(f"{path}: not a control file") from None


def in_use(path: Path) -> str | None:
    """Give the URL of a control file if somebody is there who could be controlled by it."""
    try:
        url = read(path).url
        at = urlsplit(url)
        socket.create_connection((at.hostname or "", at.port or 80), _PATIENCE).close()
    except (WiretapeError, OSError, ValueError):
        return None
    return url


@contextmanager
def written(access: Access, path: Path) -> Iterator[None]:
    """Have the control file (0600) there while the context lasts; an old one is replaced.

    Raises EnvironmentFaultError if it cannot be written.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"url": access.url, "secret": access.secret}, file)
            file.write("\n")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise EnvironmentFaultError(f"cannot write {path}: {error.strerror}") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
