"""What is taken of clients, and what is refused."""

from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse

from bridge import endpoint, web
from bridge.endpoint import Endpoint
from bridge.forms import parsed
from bridge.sessions import Session
from bridge.web import Guard
from mutants.mistake import mistake, replace


@mistake(fails="request.accept", also=("request.accept-any",))
def accept_is_not_parsed() -> None:
    """A type is only found in Accept if it stands there alone."""

    def careless(request: Any, wanted: str) -> bool:
        return wanted in request.headers.get("accept", "").split(", ")

    replace(endpoint, "_accepts", careless)


@mistake(fails="request.accept-any")
def wildcards_are_not_known() -> None:
    """Both types have to be named."""

    def careless(request: Any, wanted: str) -> bool:
        listed = request.headers.get("accept", "").split(",")
        return wanted in {each.partition(";")[0].strip() for each in listed}

    replace(endpoint, "_accepts", careless)


@mistake(fails="request.accept-less")
def accept_is_ignored() -> None:
    """Whoever accepts JSON only is given a stream."""
    replace(endpoint, "_accepts", lambda *_: True)


@mistake(fails="request.charset")
def the_content_type_is_compared_as_text() -> None:
    """JSON that has a charset is refused."""
    message = endpoint._message

    async def careless(request: Request) -> Any:
        if request.headers.get("content-type") != "application/json":
            raise endpoint.RefusalError(415, "Unsupported Media Type")
        return await message(request)

    replace(endpoint, "_message", careless)


@mistake(fails="request.content-type")
def the_content_type_is_ignored() -> None:
    """Whatever is posted is read as JSON, by any page that asks nobody."""
    message = endpoint._message

    async def careless(request: Request) -> Any:
        kept = [pair for pair in request.scope["headers"] if pair[0] != b"content-type"]
        headers = [*kept, (b"content-type", b"application/json")]
        return await message(Request({**request.scope, "headers": headers}, request.receive))

    replace(endpoint, "_message", careless)


@mistake(fails="request.no-json", also=("request.parse-error",))
def what_is_no_json_is_a_server_error() -> None:
    """That a body cannot be read is not foreseen."""

    def careless(text: Any) -> Any:
        try:
            return parsed(text)
        except ValueError as error:
            raise RuntimeError from error

    replace(endpoint, "parsed", careless)


@mistake(fails="request.parse-error")
def a_parse_error_has_another_code() -> None:
    """What is no JSON is called an invalid request."""
    replace(endpoint, "_PARSE_ERROR", -32600)


def _reading(told: Any) -> Any:
    """Take whatever is an object for a notification."""
    usual = {"jsonrpc": "2.0", "method": "notifications/message"}
    return usual if isinstance(told, dict) and "jsonrpc" not in told else told


@mistake(fails="request.no-message")
def whatever_is_an_object_is_a_message() -> None:
    """It is not looked at whether JSON is a message."""
    replace(endpoint, "parsed", lambda text: _reading(parsed(text)))


@mistake(fails="request.batch")
def one_of_a_batch_is_answered() -> None:
    """Of a batch the last message counts."""

    def careless(text: Any) -> Any:
        told = parsed(text)
        return told[-1] if isinstance(told, list) else told

    replace(endpoint, "parsed", careless)


@mistake(fails="request.origin", also=("cors.*",))
def any_page_is_served_without_cors() -> None:
    """The endpoint looks at no Origin, and lets no page see what it answered."""
    usual = web._cors

    def careless(settings: Any, methods: list[str], headers: Any) -> Any:
        return [] if headers is web._MCP_HEADERS else usual(settings, methods, headers)

    replace(web, "_cors", careless)


@mistake(fails="request.rebinding")
def a_page_is_known_by_its_host() -> None:
    """A page whose Origin is the Host that was asked for is taken for the bridge's own."""
    usual = Guard.__call__

    async def careless(self: Guard, scope: Any, receive: Any, send: Any) -> None:
        headers = MutableHeaders(raw=list(scope.get("headers", ())))
        own = min(self._settings.hosts)  # by its number: the token is for that
        if urlsplit(headers.get("origin", "")).netloc == headers.get("host", "") != own:
            del headers["origin"]
            headers["host"] = own
            scope = {**scope, "headers": headers.raw}
        await usual(self, scope, receive, send)

    replace(Guard, "__call__", careless)


@mistake(fails="request.get", also=("aside.notifications", "aside.questions"))
def a_get_is_answered_with_json() -> None:
    """GET neither has a stream nor says so."""

    async def careless(*_: Any) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    replace(Endpoint, "_get", careless)


@mistake(fails="request.discover", production="negotiation")
def another_protocol_ends_the_attempt() -> None:
    """Clients that try another protocol first are answered 500, and do not go on."""
    session = Endpoint._session

    def careless(self: Endpoint, request: Any, grant_id: str) -> Session:
        if "mcp-method" in request.headers:
            raise endpoint.RefusalError(500, "Internal Server Error")
        return session(self, request, grant_id)

    replace(Endpoint, "_session", careless)
