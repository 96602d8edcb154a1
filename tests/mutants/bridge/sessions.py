"""Sessions of clients."""

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

from starlette.responses import Response

from bridge import endpoint, sessions
from bridge.endpoint import Endpoint
from bridge.errors import SessionOverError
from bridge.sessions import Session, Sessions
from bridge.upstream_mcp import GrantAuth
from mutants.mistake import mistake, replace


def _latest(self: Endpoint, grant_id: str) -> Session:
    """Find a session by whose it is."""
    theirs = [each for each in self._sessions._kept.values() if each.grant_id == grant_id]
    if not theirs:
        raise SessionOverError
    return theirs[-1]


def _session_may_be_left_out() -> None:
    session = Endpoint._session

    def careless(self: Endpoint, request: Any, grant_id: str) -> Session:
        if "mcp-session-id" in request.headers:
            return session(self, request, grant_id)
        return _latest(self, grant_id)

    replace(Endpoint, "_session", careless)


@mistake(
    fails="session.issued",
    also=("session.[!i]*", "cors.session-id-exposed"),
    production="session-id",
)
def no_session_id_is_issued() -> None:
    """Users are told apart by their tokens, and cannot have two sessions."""
    begun = Endpoint._begun

    async def careless(self: Endpoint, grant_id: str, message: Any) -> Any:
        answer = await begun(self, grant_id, message)
        del answer.headers["mcp-session-id"]
        return answer

    _session_may_be_left_out()
    replace(Endpoint, "_begun", careless)


@mistake(fails="session.form")
def session_ids_are_counted() -> None:
    """Whoever has a session knows the ids of others."""
    numbers: Iterator[int] = count(1)
    replace(sessions, "secrets", SimpleNamespace(token_urlsafe=lambda _: f"{next(numbers):08}"))


@mistake(fails="session.required")
def session_ids_may_be_left_out() -> None:
    """A call without a session is of whichever the user has begun last."""
    _session_may_be_left_out()


@mistake(
    fails="session.unknown",
    also=("session.ended", "session.lost-upstream", "session.restart"),
)
def an_unknown_session_is_a_bad_request() -> None:
    """A session that is not there is answered 400, on which clients do not begin anew."""
    refused = endpoint._refused

    def careless(refusal: Any) -> Response:
        if isinstance(refusal, SessionOverError):
            refusal = endpoint.RefusalError(400, "Bad Request: No such session")
        return refused(refusal)

    replace(endpoint, "_refused", careless)


@mistake(fails="session.others")
def a_session_is_whose_asks() -> None:
    """Whoever knows a session's id takes it over."""
    find = Sessions.find

    def careless(self: Sessions, session_id: str, grant_id: str) -> Session:
        kept: Any = self._kept.get(session_id)
        if kept is None or kept.grant_id == grant_id:
            return find(self, session_id, grant_id)
        kept.grant_id, kept.upstream._auth = grant_id, GrantAuth(self._grants, grant_id)
        return find(self, session_id, grant_id)

    replace(Sessions, "find", careless)


@mistake(fails="session.others-token", also=("session.others",))
def sessions_are_anybodys() -> None:
    """Whoever knows a session's id can use it."""
    find = Sessions.find

    def careless(self: Sessions, session_id: str, grant_id: str) -> Session:
        kept = self._kept.get(session_id)
        return find(self, session_id, grant_id if kept is None else kept.grant_id)

    replace(Sessions, "find", careless)


@mistake(fails="session.ended", also=("session.ended-upstream",))
def sessions_do_not_end() -> None:
    """DELETE is answered as if the session had ended."""

    async def careless(self: Endpoint, request: Any, grant_id: str) -> Response:
        self._session(request, grant_id)
        return Response(status_code=204)

    replace(Endpoint, "_delete", careless)


@mistake(fails="session.version")
def any_revision_will_do() -> None:
    """The header with the revision is ignored."""

    def careless(self: Endpoint, request: Any, grant_id: str) -> Session:
        session_id = request.headers.get("mcp-session-id")
        if session_id is None:
            raise endpoint.RefusalError(400, "Bad Request: Missing session ID")
        return self._sessions.find(session_id, grant_id)

    replace(Endpoint, "_session", careless)


@mistake(fails="session.notification")
def notifications_are_answered_with_a_body() -> None:
    """A notification is answered as HTTP+SSE does it."""
    post = Endpoint._post

    async def careless(self: Endpoint, request: Any, grant_id: str) -> Response:
        answer = await post(self, request, grant_id)
        return Response("Accepted", 202) if answer.status_code == 202 else answer

    replace(Endpoint, "_post", careless)
