"""The folds on recordings of real clients and servers, of which only the transport is known."""

from importlib.resources import as_file, files

import pytest

from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.sessions import Session, sessions


def only_session(name: str) -> Session:
    resource = files("wiretape.fixtures") / "recordings" / f"{name}.jsonl"
    with as_file(resource) as path, read(path) as recording:
        (session,) = sessions(exchanges(recording))
        assert recording.cut is None
    return session


@pytest.mark.parametrize(
    ("name", "transport", "grants"),
    [
        ("oauth-streamable", "streamable", 1),
        ("oauth-sse", "sse", 1),
        ("mcp-atlassian", "streamable", 0),
    ],
)
def test_every_call_that_was_let_in_has_its_answer(name: str, transport: str, grants: int) -> None:
    session = only_session(name)
    assert (session.transport, len(session.grants)) == (transport, grants)
    assert session.protocol is not None
    assert session.client is not None
    assert session.server is not None
    methods = {item.call.message.method for item in session.calls}
    assert {"initialize", "tools/list", "tools/call"} <= methods
    for item in (*session.calls, *session.server_calls):
        assert (item.answer is None) == (item.call.place.exchange.status == 401)
    assert not session.unmatched
    assert not session.malformed


@pytest.mark.parametrize("name", ["oauth-streamable", "oauth-sse"])
def test_the_whole_grant_is_found(name: str) -> None:
    session = only_session(name)
    (grant,) = session.grants
    assert len(grant.issues) == 2
    assert not grant.refused
    assert grant.discovery
    assert grant.registration is not None
    assert len(grant.authorization) == 1
    assert any(item.progress for item in session.calls)
    assert session.server_calls
    assert session.server_notifications


def test_a_redirect_chain_that_loses_the_message_is_an_attempt() -> None:
    session = only_session("redirects")
    assert session.transport is None
    assert [item.request.method for item in session.exchanges] == ["POST", "POST", "GET"]
    assert [item.request.cause for item in session.exchanges] == [None, 1, 2]
    assert len(session.calls) == 1
