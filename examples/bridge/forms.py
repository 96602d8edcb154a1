"""Forms and errors, as the endpoints of OAuth have them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

UNSTORED = {"cache-control": "no-store", "pragma": "no-cache"}

_FORM = "application/x-www-form-urlencoded"


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
    pairs = (await request.form()).multi_items()
    form = {name: value for name, value in pairs if isinstance(value, str)}
    if len(form) != len(pairs):
        raise OAuthError("invalid_request", "a parameter comes twice")
    return form
