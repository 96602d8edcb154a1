"""What whoever comes without a good token is told."""

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from bridge import endpoint
from mutants.mistake import mistake, replace


def _refusing(answer: Callable[[Any, Response], Response]) -> None:
    """Answer in place of 401; `answer` has the request, and how it would be answered."""
    challenge = endpoint._challenge
    replace(endpoint, "_challenge", lambda request: answer(request, challenge(request)))


def _early(request: Any, method: str) -> bool:
    return request.method == method and "authorization" not in request.headers


@mistake(fails="challenge.get")
def an_early_get_is_a_bad_request() -> None:
    """A GET without a token is told that it has no session, so that nobody authorizes."""

    def answer(request: Any, refused: Response) -> Response:
        lacks = endpoint.RefusalError(400, "Bad Request: Missing session ID")
        return endpoint._refused(lacks) if _early(request, "GET") else refused

    _refusing(answer)


@mistake(fails="challenge.post", also=("place.slash",))
def an_early_post_is_a_json_rpc_error() -> None:
    """A POST without a token is answered 200, with a JSON-RPC error."""

    def answer(request: Any, refused: Response) -> Response:
        said = endpoint._error(None, -32001, "Missing access token")
        return JSONResponse(said) if _early(request, "POST") else refused

    _refusing(answer)


@mistake(
    fails="challenge.bad-token",
    also=("bearer.malformed", "bearer.service", "cors.challenge-exposed"),
)
def a_bad_token_is_forbidden() -> None:
    """A POST with what cannot be a token is answered 403: clients do not authorize again."""

    def answer(request: Any, refused: Response) -> Response:
        if request.method == "POST" and "." not in request.headers.get("authorization", "."):
            refused.status_code = 403
        return refused

    _refusing(answer)


@mistake(fails="challenge.get-body", production="early-401")
def an_early_get_is_answered_without_a_body() -> None:
    """A GET without a token is answered 401, with headers only."""

    def answer(request: Any, refused: Response) -> Response:
        if not _early(request, "GET"):
            return refused
        return Response(None, 401, {"www-authenticate": refused.headers["www-authenticate"]})

    _refusing(answer)


@mistake(fails="challenge.post-body")
def a_401_is_plain_text() -> None:
    """A POST is answered 401, with plain text."""

    def answer(request: Any, refused: Response) -> Response:
        if request.method != "POST":
            return refused
        headers = {"www-authenticate": refused.headers["www-authenticate"]}
        return PlainTextResponse("Unauthorized", 401, headers)

    _refusing(answer)


@mistake(fails="challenge.scheme")
def a_401_has_no_challenge() -> None:
    """An early POST is answered 401 without saying how to authorize."""

    def answer(request: Any, refused: Response) -> Response:
        if _early(request, "POST"):
            del refused.headers["www-authenticate"]
        return refused

    _refusing(answer)


@mistake(fails="challenge.invalid-token")
def a_bad_token_is_not_called_invalid() -> None:
    """The challenge has another error, by which clients do not know that they are to refresh."""

    def answer(_: Any, refused: Response) -> Response:
        said = refused.headers["www-authenticate"]
        refused.headers["www-authenticate"] = said.replace("invalid_token", "invalid_request")
        return refused

    _refusing(answer)


@mistake(fails="challenge.metadata")
def the_challenge_leads_nowhere() -> None:
    """The challenge names resource metadata where there is none."""

    def answer(_: Any, refused: Response) -> Response:
        said = refused.headers["www-authenticate"]
        refused.headers["www-authenticate"] = said.replace("/.well-known/", "/well-known/")
        return refused

    _refusing(answer)
