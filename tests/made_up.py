"""Values of the shapes that services give out; nobody ever had them, and every run has the same."""

from base64 import urlsafe_b64encode
from random import Random
from string import ascii_letters, digits
from uuid import UUID

import msgspec

from play import Json

_HEX = "0123456789abcdef"
_ALNUM = ascii_letters + digits


class MadeUp:
    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def hex(self, length: int) -> str:
        return "".join(self._random.choices(_HEX, k=length))

    def alnum(self, length: int) -> str:
        return "".join(self._random.choices(_ALNUM, k=length))

    def uuid(self) -> str:
        return str(UUID(bytes=self._random.randbytes(16), version=4))

    def milliseconds(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def jwt(self, claims: Json) -> str:
        """Make a JWT that nobody signed."""
        parts = ({"alg": "HS256", "typ": "JWT"}, claims)
        encoded = [urlsafe_b64encode(msgspec.json.encode(part)).decode() for part in parts]
        return ".".join([*(part.rstrip("=") for part in encoded), self.alnum(43)])
