"""Bodies that change on their way through."""

from collections.abc import Callable
from typing import Protocol

LIMIT = 1 << 20
"""Bytes of a body that are held to be changed as a whole; a longer one passes as it is."""


class BodyRewriter(Protocol):
    """Changes a body while it passes."""

    def feed(self, data: bytes) -> bytes:
        """Give what may pass now that these bytes have come."""
        ...

    def close(self) -> bytes:
        """Give what is left at the end."""
        ...


class Whole:
    """Changes a body as a whole; one that is longer than the limit passes as it is."""

    def __init__(self, change: Callable[[bytes], bytes]) -> None:
        self._change = change
        self._held = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> bytes:
        """Hold the body back, up to the limit."""
        if self._too_long:
            return data
        self._held += data
        self._too_long = len(self._held) > LIMIT
        return self._take() if self._too_long else b""

    def close(self) -> bytes:
        """Give the changed body."""
        return self._change(self._take()) if self._held else b""

    def _take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held
