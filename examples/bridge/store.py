"""What outlives a restart: an SQLite file in which every value is encrypted.

The key is in a file of its own that only its owner may read.
"""

import hmac
import json
import os
import secrets
import sqlite3
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from joserfc import jwe
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}


def secret_in(path: Path) -> bytes:
    """Read the secret that all keys are derived from; the first time, make it.

    Raises PermissionError if others may read it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path}: others can read this key; chmod 600 it") from None
        return path.read_bytes()
    with os.fdopen(made, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()


def derived(secret: bytes, purpose: str) -> OctKey:
    """Derive the key for one purpose."""
    return OctKey.import_key(hmac.digest(secret, purpose.encode(), "sha256"))


def sealed(value: dict[str, Any], key: OctKey) -> str:
    """Encrypt a value (RFC 7516, compact; A256GCM, so that it cannot be altered either)."""
    return jwe.encrypt_compact(_HEADER, json.dumps(value).encode(), key)


def opened(text: str, key: OctKey) -> Any:
    """Decrypt a value; raises JoseError or ValueError if it is not one sealed with this key."""
    found = jwe.decrypt_compact(text, key, algorithms=list(_HEADER.values())).plaintext
    return json.loads(found or b"")


class Store:
    """Values by kind and name. Names are stored as hashes: a code's name is the code."""

    def __init__(self, path: Path, key: OctKey) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._key = key
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS kept"
            " (kind TEXT, name BLOB, value TEXT, ends REAL, PRIMARY KEY (kind, name))"
        )

    def put(self, kind: str, name: str, value: dict[str, Any], ends: float | None = None) -> None:
        """Keep a value, in place of an earlier one, for good or until a moment."""
        self._db.execute("DELETE FROM kept WHERE ends < ?", (time.time(),))
        row = (kind, _hashed(name), sealed(value, self._key), ends)
        self._db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", row)

    def get(self, kind: str, name: str) -> Any | None:
        """Give a value that is kept."""
        return self._found("SELECT value, ends FROM kept WHERE kind = ? AND name = ?", kind, name)

    def take(self, kind: str, name: str) -> Any | None:
        """Give a value and forget it, at once: only one taker gets it."""
        query = "DELETE FROM kept WHERE kind = ? AND name = ? RETURNING value, ends"
        return self._found(query, kind, name)

    def _found(self, query: str, kind: str, name: str) -> Any | None:
        row = self._db.execute(query, (kind, _hashed(name))).fetchone()
        if row is None or (row[1] is not None and row[1] < time.time()):
            return None
        return opened(row[0], self._key)


def _hashed(name: str) -> bytes:
    return sha256(name.encode()).digest()
