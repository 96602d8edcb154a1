"""The MCP endpoint as clients see it: streamable HTTP (MCP 2025-03-26 to 2025-11-25)."""

import asyncio
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.errors import GrantOverError, SessionOverError, UpstreamError
from bridge.events import stream
from bridge.forms import TooLargeError, body_of, parsed
from bridge.grants import Grants
from bridge.origins import base_of
from bridge.sessions import Session, Sessions
from bridge.tokens import BadTokenError, Tokens
from bridge.upstream_mcp import Message, Messages, NotOfferedError

_SOON = 15
_SENDS = ("application/json", "text/event-stream")

_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_UPSTREAM_ERROR = -32000


class RefusalError(Exception):
    """A request that is not as MCP wants it; `status` is what it is answered with."""

    def __init__(self, status: int, said: str, code: int = _INVALID_REQUEST) -> None:
        super().__init__(said)
        self.status = status
        self.code = code


class Endpoint:
    """Answers requests for MCP; who may ask is decided first."""

    def __init__(self, tokens: Tokens, grants: Grants, sessions: Sessions) -> None:
        self._tokens = tokens
        self._grants = grants
        self._sessions = sessions

    async def answer(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong is an answer too."""
        by = {"POST": self._post, "GET": self._get, "DELETE": self._delete}
        if request.method not in by:
            return Response(status_code=405, headers={"allow": ", ".join(by)})
        try:
            return await by[request.method](request, self._admitted(request))
        except (BadTokenError, GrantOverError):
            return _challenge(request)
        except (RefusalError, SessionOverError) as refusal:
            return _refused(refusal)
        except NotOfferedError:
            return Response(status_code=405, headers={"allow": "POST, DELETE"})
        except UpstreamError as error:
            return _answered({}, error)

    def _admitted(self, request: Request) -> str:
        """Give the grant whose token comes with a request, in its header and nowhere else."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise BadTokenError
        return self._grants.find(self._tokens.grant_of(token.strip(), base_of(request))).id

    def _session(self, request: Request, grant_id: str) -> Session:
        """Find the session that a request names: it has to name one, and its revision, if any."""
        session_id = request.headers.get("mcp-session-id")
        if session_id is None:
            raise RefusalError(400, "Bad Request: Missing session ID")
        session = self._sessions.find(session_id, grant_id)
        version = request.headers.get("mcp-protocol-version", session.version)
        if version != session.version:
            raise RefusalError(400, f"Bad Request: The session speaks MCP {session.version}")
        return session

    async def _post(self, request: Request, grant_id: str) -> Response:
        message = await _message(request)
        if message.get("method") == "initialize" and "id" in message:
            if "mcp-session-id" in request.headers:
                raise RefusalError(400, "Bad Request: The session is initialized already")
            return await self._begun(grant_id, message)
        session = self._session(request, grant_id)
        try:
            if "method" in message and "id" in message:
                return await self._called(session, message)
            await self._told(session, message)
        except SessionOverError:
            self._sessions.end(session)
            raise
        return Response(status_code=202)

    async def _begun(self, grant_id: str, message: Message) -> Response:
        try:
            answer, session = await self._sessions.begin(grant_id, message)
        except UpstreamError as error:
            return _answered(message, error)
        return JSONResponse(answer, headers={"mcp-session-id": session.id} if session else None)

    async def _called(self, session: Session, message: Message) -> Response:
        """Answer a call, on a stream that begins as soon as the service behind has taken it.

        Later would be too late: some clients send nothing else until they see a status, not even
        the answer to what the service asks them meanwhile.
        """
        try:
            messages = await self._sessions.call(session.upstream, message)
        except UpstreamError as error:
            return _answered(message, error)
        return stream(_named(messages, message["id"]), session)

    async def _told(self, session: Session, message: Message) -> None:
        try:
            async with asyncio.timeout(_SOON):
                await session.upstream.tell(message)
        except TimeoutError as error:
            raise UpstreamError("the upstream did not take the message in time", 504) from error

    async def _get(self, request: Request, grant_id: str) -> Response:
        if not _accepts(request, "text/event-stream"):
            raise RefusalError(406, "Not Acceptable: Client must accept text/event-stream")
        session = self._session(request, grant_id)
        if session.listened:
            raise RefusalError(409, "Conflict: The session has a stream already")
        try:
            async with asyncio.timeout(_SOON):
                messages = await session.upstream.listen()
        except TimeoutError as error:
            raise UpstreamError("the upstream did not open a stream in time", 504) from error
        return stream(_listened(session, messages), session)

    async def _delete(self, request: Request, grant_id: str) -> Response:
        self._sessions.end(self._session(request, grant_id))
        return Response(status_code=204)


def _challenge(request: Request) -> Response:
    """Refuse whoever has no good token, and say where to get one (RFC 6750, 3; RFC 9728, 5.1)."""
    lacks = "" if "authorization" in request.headers else "Missing or invalid"
    said = {"error": "invalid_token", "error_description": f"{lacks or 'Invalid'} access token"}
    told = ", ".join(f'{name}="{value}"' for name, value in said.items())
    where = f"{base_of(request)}/.well-known/oauth-protected-resource/mcp"
    wanted = f'Bearer realm="OAuth", {told}, resource_metadata="{where}"'
    return JSONResponse(said, 401, {"www-authenticate": wanted})


async def _message(request: Request) -> Message:
    """Read the message that is posted. Raises RefusalError."""
    if not all(_accepts(request, kind) for kind in _SENDS):
        raise RefusalError(406, f"Not Acceptable: Client must accept both {' and '.join(_SENDS)}")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _SENDS[0]:
        raise RefusalError(415, "Unsupported Media Type: Content-Type must be application/json")
    try:
        message = parsed(await body_of(request))
    except TooLargeError as error:
        raise RefusalError(413, "Content Too Large") from error
    except ValueError as error:
        raise RefusalError(400, "Parse error", _PARSE_ERROR) from error
    match message:
        case {"jsonrpc": "2.0", "id": str() | int()}:
            return dict(message)
        case {"jsonrpc": "2.0", "method": str()} if "id" not in message:
            return dict(message)
        case _:
            raise RefusalError(400, "Invalid Request: not one JSON-RPC message")


def _accepts(request: Request, wanted: str) -> bool:
    listed = ",".join(request.headers.getlist("accept")).split(",")
    kinds = {each.partition(";")[0].strip().lower() for each in listed}
    return bool(kinds & {wanted, "*/*", f"{wanted.partition('/')[0]}/*"})


async def _named(messages: Messages, call: Any) -> Messages:
    """Give the messages of a call; a failure among them is its answer."""
    try:
        async with aclosing(messages):
            async for message in messages:
                yield message
    except UpstreamError as error:
        yield _error(call, _UPSTREAM_ERROR, str(error))
    except (GrantOverError, SessionOverError):
        yield _error(call, _UPSTREAM_ERROR, "the session with the upstream has ended")


async def _listened(session: Session, messages: Messages) -> Messages:
    """Give what the service behind says by itself, until it ends that."""
    session.listened = True
    try:
        async with aclosing(messages):
            async for message in messages:
                yield message
    except UpstreamError:
        return
    finally:
        session.listened = False


def _answered(message: Message, error: UpstreamError) -> Response:
    """Answer that the service behind failed: by status, and as what answers the call."""
    said = _error(message.get("id"), _UPSTREAM_ERROR, str(error))
    return JSONResponse(said, error.status, error.headers)


def _refused(refusal: RefusalError | SessionOverError) -> Response:
    if isinstance(refusal, SessionOverError):
        refusal = RefusalError(404, "Session not found")
    return JSONResponse(_error(None, refusal.code, str(refusal)), refusal.status)


def _error(call: Any, code: int, said: str) -> Message:
    return {"jsonrpc": "2.0", "id": call, "error": {"code": code, "message": said}}
