"""What a browser lets pages of other origins do, and see."""

from collections.abc import Callable
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from bridge import web
from mutants.mistake import mistake, replace


def _hiding(hidden: Callable[[str, int], bool]) -> None:
    """Leave CORS out of answers, by their path and status; preflights are answered as ever."""

    class Careless(CORSMiddleware):
        async def simple_response(
            self, scope: Any, receive: Any, send: Any, request_headers: Any
        ) -> None:
            async def sent(message: Any) -> None:
                if hidden(scope["path"], message.get("status", 200)):
                    own = message.get("headers", [])
                    message["headers"] = [
                        (name, value)
                        for name, value in own
                        if not name.lower().startswith(b"access-control-")
                    ]
                await send(message)

            await super().simple_response(scope, receive, sent, request_headers)

    replace(web, "CORSMiddleware", Careless)


def _exposing(*names: str) -> None:
    class Careless(CORSMiddleware):
        def __init__(self, app: Any, **said: Any) -> None:
            super().__init__(app, **(said | {"expose_headers": names}))

    replace(web, "CORSMiddleware", Careless)


@mistake(fails="cors.preflight", also=("cors.delete-preflight",), production="cors")
def authorization_is_not_allowed() -> None:
    """Pages may send what MCP needs, but no token."""
    replace(web, "_MCP_HEADERS", ("Content-Type", "Mcp-Session-Id"))


@mistake(fails="cors.registration-preflight")
def registration_has_no_preflight() -> None:
    """The registration endpoint takes POST and knows no OPTIONS."""

    class Careless(CORSMiddleware):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if (scope["method"], scope["path"]) == ("OPTIONS", "/register"):
                await Response(status_code=405)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)

    replace(web, "CORSMiddleware", Careless)


@mistake(fails="cors.documents-preflight")
def the_protocols_version_is_for_mcp_only() -> None:
    """Pages may not say MCP-Protocol-Version when they ask for metadata."""
    replace(web, "_OAUTH_HEADERS", ("Authorization", "Content-Type"))


@mistake(fails="cors.token-preflight")
def pages_cannot_prove_who_they_are() -> None:
    """Pages may not authenticate by Basic, which the metadata offers."""
    replace(web, "_OAUTH_HEADERS", ("Content-Type", "MCP-Protocol-Version"))


@mistake(fails="cors.delete-preflight")
def pages_cannot_end_sessions() -> None:
    """Of the methods of MCP, pages may GET and POST."""
    usual = web._cors

    def careless(settings: Any, methods: list[str], headers: Any) -> Any:
        return usual(settings, [each for each in methods if each != "DELETE"], headers)

    replace(web, "_cors", careless)


@mistake(fails="cors.answers", also=("cors.session-id-exposed", "request.origin"))
def answers_are_hidden() -> None:
    """Preflights are answered for pages, what they ask then is not."""
    _hiding(lambda path, status: path == "/mcp" and status < 400)


@mistake(fails="cors.errors", also=("cors.challenge-exposed",))
def errors_are_hidden() -> None:
    """What goes wrong, pages cannot see."""
    _hiding(lambda path, status: path == "/mcp" and status >= 400)


@mistake(fails="cors.session-id-exposed", production="session-id-exposed")
def the_session_id_is_hidden() -> None:
    """Pages cannot read the header with their session id."""
    _exposing("WWW-Authenticate")


@mistake(fails="cors.challenge-exposed")
def the_challenge_is_hidden() -> None:
    """Pages cannot read the header that says where to authorize."""
    _exposing("Mcp-Session-Id")


@mistake(fails="cors.documents")
def documents_are_hidden() -> None:
    """Pages cannot read the metadata."""
    _hiding(lambda path, _: path.startswith("/.well-known/"))


@mistake(fails="cors.registration")
def registrations_are_hidden() -> None:
    """Pages can register, but cannot read their client id."""
    _hiding(lambda path, _: path == "/register")


@mistake(fails="cors.token", also=("cors.errors",))
def tokens_are_hidden() -> None:
    """Pages can exchange a code, but cannot read the tokens."""
    _hiding(lambda path, _: path == "/access-token")
