"""What is kept is encrypted, by a key in a file that only its owner may read."""

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from gateway.errors import SettingsError


class Seal:
    """Encrypts and decrypts, by Fernet; several gateways on one database have one key."""

    def __init__(self, path: Path) -> None:
        try:
            self._fernet = Fernet(_key_in(path))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: {error}") from error

    def sealed(self, value: Any) -> str:
        """Encrypt a value."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def opened(self, text: str) -> Any:
        """Decrypt a value; give None if it was encrypted by another key, or altered."""
        try:
            return json.loads(self._fernet.decrypt(text))
        except InvalidToken:
            return None


def _key_in(path: Path) -> bytes:
    """Read the key; the first time, make it, whole. Raises OSError, also if others may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile(dir=path.parent) as made, suppress(FileExistsError):
            made.write(Fernet.generate_key())
            made.flush()
            os.link(made.name, path)  # unless another gateway was faster
    if path.stat().st_mode & 0o077:
        raise PermissionError("others can read this key; chmod 600 it")
    return path.read_bytes()
