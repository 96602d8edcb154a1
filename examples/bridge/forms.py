"""Forms and errors, as the endpoints of OAuth have them."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

UNSTORED = {"cache-control": "no-store", "pragma": "no-cache"}

_LARGEST = 4_000_000
_FORM = "application/x-www-form-urlencoded"


class TooLargeError(ValueError):
    """A body that is larger than any that makes sense."""


class OAuthError(Exception):
    """An error of the token or registration endpoint (RFC 6749, 5.2; RFC 7591, 3.2.2)."""

    def __init__(self, error: str, described: str, status: int = 400) -> None:
        super().__init__(described)
        self.error = error
        self.status = status

    @property
    def reply(self) -> Response:
        """Give what it is answered with."""
        said = {"error": self.error, "error_description": str(self)}
        basic = {"www-authenticate": 'Basic realm="OAuth"'} if self.status == 401 else {}
        return JSONResponse(said, self.status, UNSTORED | basic)


async def form_of(request: Request) -> dict[str, str]:
    """Read a form; each name may come once (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthError("invalid_request", f"the body must be {_FORM}")
    try:
        pairs = parse_qsl((await body_of(request)).decode(), keep_blank_values=True)
    except ValueError as error:
        raise OAuthError("invalid_request", "the body cannot be read") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthError("invalid_request", "a parameter comes twice")
    return form


async def body_of(request: Request) -> bytes:
    """Read a body. Raises TooLargeError."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise TooLargeError
    return bytes(body)


def parsed(text: str | bytes) -> Any:
    """Read JSON. Raises ValueError, also for what could not be written again."""
    try:
        told = json.loads(text)
        json.dumps(told, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return told
