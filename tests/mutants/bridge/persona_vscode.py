"""What VS Code stumbles over; much of it no other client does."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bridge import endpoint, web
from bridge.endpoint import Endpoint, RefusalError
from bridge.errors import SessionOverError
from bridge.forms import OAuthError
from bridge.token_endpoint import TokenEndpoint
from mutants.mistake import mistake, replace


@mistake(
    fails="persona.vscode.connects",
    also=(
        "persona.vscode.browser",
        "persona.vscode.other-slash",
        "request.accept",
        "request.accept-any",
    ),
)
def the_order_in_accept_counts() -> None:
    """`Accept` has to name both types in the order in which the specification does."""
    accepts = endpoint._accepts

    def careless(request: Request, wanted: str) -> bool:
        literal = request.headers["accept"] == "application/json, text/event-stream"
        return accepts(request, wanted) if request.method == "GET" else literal

    replace(endpoint, "_accepts", careless)


@mistake(
    fails="persona.vscode.refreshes",
    also=("persona.vscode.re-registers", "persona.typescript.refreshes"),
)
def a_fetch_without_an_origin_may_not_refresh() -> None:
    """A refresh is refused that says how it was fetched, but not by which page: Node's does."""
    known = TokenEndpoint._client

    def careless(self: TokenEndpoint, request: Request, form: Any) -> Any:
        fetched = "sec-fetch-mode" in request.headers and "origin" not in request.headers
        if fetched and form.get("grant_type") == "refresh_token":
            raise OAuthError("invalid_request", "this is no page")
        return known(self, request, form)

    replace(TokenEndpoint, "_client", careless)


@mistake(fails="persona.vscode.re-authorizes", also=("refresh.*",))
def a_client_dies_with_its_grant() -> None:
    """When the service ends a grant the client's registration is deleted as well."""
    refreshed = TokenEndpoint._refreshed

    async def careless(self: TokenEndpoint, form: Any, client: Any) -> Any:
        try:
            return await refreshed(self, form, client)
        except Exception:
            self._store.take("client", client["client_id"])
            raise

    replace(TokenEndpoint, "_refreshed", careless)


@mistake(fails="persona.vscode.re-registers", also=("token.unknown-client",))
def an_unknown_client_has_an_invalid_grant() -> None:
    """A refresh by an unknown client is answered `invalid_grant`: it never registers again."""
    found = TokenEndpoint._client

    def careless(self: TokenEndpoint, request: Request, form: Any) -> Any:
        if self._store.get("client", form.get("client_id", "")) is None:
            raise OAuthError("invalid_grant", "the refresh token is another client's")
        return found(self, request, form)

    replace(TokenEndpoint, "_client", careless)


@mistake(
    fails="persona.vscode.replaces-token", also=("cors.challenge-exposed", "refresh.challenge")
)
def a_bad_token_breaks_its_session() -> None:
    """A token that is refused within a session is an internal error."""
    challenge = endpoint._challenge

    def careless(request: Request) -> Response:
        if {"authorization", "mcp-session-id"} <= set(request.headers):
            return Response("KeyError", 500)
        return challenge(request)

    replace(endpoint, "_challenge", careless)


@mistake(
    fails="persona.vscode.survives-session-loss",
    also=(
        "persona.vscode.re-authorizes",
        "persona.vscode.re-registers",
        "persona.vscode.replaces-token",
        "session.*",
    ),
)
def a_lost_session_is_an_internal_error() -> None:
    """A session that is gone is answered 500, after which VS Code gives up."""
    refused = endpoint._refused

    def careless(refusal: RefusalError | SessionOverError) -> Response:
        over = isinstance(refusal, SessionOverError)
        return Response("KeyError", 500) if over else refused(refusal)

    replace(endpoint, "_refused", careless)


@mistake(fails="persona.vscode.other-slash", also=("place.slash",))
def the_slash_is_redirected_for_good() -> None:
    """A slash at the end is redirected with 301, and POST becomes GET."""
    answer = Endpoint.answer

    async def careless(self: Endpoint, request: Request) -> Response:
        if request.url.path.endswith("/"):
            return RedirectResponse(str(request.url).removesuffix("/"), 301)
        return await answer(self, request)

    replace(Endpoint, "answer", careless)


@mistake(fails="persona.vscode.browser", also=("cors.documents-preflight",))
def pages_may_not_say_their_version() -> None:
    """Documents may not be asked for with MCP-Protocol-Version, as VS Code does on the web."""
    replace(web, "_OAUTH_HEADERS", ("Authorization", "Content-Type"))
