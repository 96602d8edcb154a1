"""How a session is kept, missed and ended (MCP, session management)."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from wiretape.recorder.log.records import Header
from wiretape.recorder.probe.known import Known, Session
from wiretape.recorder.probe.mcp import EVENTS, PING, UNKNOWN, bound, leave, post
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask, Note, StepError, Wait, Walk

_NOTICE_SECONDS = 2.0
_NO_SESSION = "wiretape-probe-no-such-session"


def walk(known: Known) -> Walk[None]:
    """Post outside the session, listen, end it, and post once more. The session is then gone."""
    session = known.session
    if session is None:
        raise StepError("there is no session")
    known.session = None
    if session.transport == "sse":
        last = yield from _by_url(known, session)
        yield from leave(known, session, "close the stream")
        yield Wait(last.at + timedelta(seconds=_NOTICE_SECONDS), "until the service notices")
    else:
        yield from _by_header(known, session)
        deleted = yield from leave(known, session, "DELETE the session")
        if deleted is not None:
            yield Note(f"DELETE: {deleted.status}")
    after = yield from post(known, session, "POST after its end", PING)
    yield Note(f"after its end: {after.status}")


def _by_header(known: Known, session: Session) -> Walk[None]:
    """Where the session is named by a header (since 2025-03-26)."""
    yield from post(known, session, "POST without the token", PING, authorised=False)
    if session.id is not None:
        nowhere = Session(session.transport, session.url, version=session.version)
        answer = yield from post(known, nowhere, "POST without the session id", PING)
        yield Note(f"without the session id: {answer.status}")
        nowhere.id = _NO_SESSION
        answer = yield from post(known, nowhere, "POST with an unknown session id", PING)
        yield Note(f"with an unknown session id: {answer.status}")
    version: Header = ("mcp-protocol-version", UNKNOWN)
    yield from post(known, session, "POST with an unknown revision", PING, version)
    headers = known.headers(session.url, EVENTS, *bound(session))
    yield Ask(label="GET the stream", method="GET", url=session.url, headers=headers)
    if session.last_event is not None:
        headers = (*headers, ("last-event-id", session.last_event))
        yield Ask(label="GET with Last-Event-ID", method="GET", url=session.url, headers=headers)


def _by_url(known: Known, session: Session) -> Walk[Answer]:
    """Where the session is named by the URL to post to (2024-11-05); gives the last answer."""
    last = yield from post(known, session, "POST without the token", PING, authorised=False)
    nowhere = Session("sse", urlsplit(session.url)._replace(query="").geturl())
    answer = yield from post(known, nowhere, "POST without the session id", PING)
    yield Note(f"without the session id: {answer.status}")
    if unknown := _with_another_id(session.url):
        nowhere.url = unknown
        last = yield from post(known, nowhere, "POST with an unknown session id", PING)
        yield Note(f"with an unknown session id: {last.status}")
    return last


def _with_another_id(url: str) -> str | None:
    """Change the session id in a URL's query into another of the same form."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    if not query:
        return None
    (name, value), *rest = query
    return parts._replace(query=urlencode([(name, "0" * len(value)), *rest])).geturl()


STEP = Step(
    id="session",
    title="Requests without, with an unknown and after the end of the session; GET, DELETE",
    position=160,
    walk=walk,
    most=8,
    needs=("session",),
)
