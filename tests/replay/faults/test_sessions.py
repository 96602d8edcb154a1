"""What becomes of sessions, and of requests to the MCP endpoint."""

import pytest

from misbehaving import SSE, STREAMABLE, client, told
from replayed import Caller, header, shipped


def test_a_session_is_gone_and_a_new_one_is_good() -> None:
    with client(STREAMABLE, "session-gone:nth=2,method=tools/list") as a:
        a.begin()
        assert a.say("tools/list", 1).status_code == 200
        assert a.say("tools/list", 2).status_code == 404
        assert a.say("ping", 3).status_code == 404
        del a.headers["mcp-session-id"]
        a.begin()
        assert told(a.say("tools/list", 4))["id"] == 4


def test_a_session_of_http_and_sse_is_gone_with_its_stream() -> None:
    with client(SSE, "session-gone:skip=1") as a, a.stream() as events:
        url = events.open()
        events.say(url, "ping", 1)
        assert b'"id":1' in events.next()
        assert events.say(url, "ping", 2).status_code == 404
        with pytest.raises(StopIteration):
            events.next()


def test_who_has_no_session_does_not_count() -> None:
    with client(STREAMABLE, "session-gone:times=1") as a:
        a.begin()
        assert a.service.journal[-1].faults == []


def test_the_server_restarts_once_and_knows_nobody() -> None:
    with client(STREAMABLE, "server-restarted:method=tools/list") as a:
        a.begin()
        assert a.say("tools/list", 1).status_code == 401
        assert a.refresh().status_code in {400, 401}
        a.grant()
        del a.headers["mcp-session-id"]
        a.begin()
        assert told(a.say("tools/list", 2))["id"] == 2


def test_a_restart_ends_the_streams_of_all() -> None:
    with client(SSE, "server-restarted:role=registration") as a, a.stream() as events:
        events.open()
        assert a.register().status_code == 201
        with pytest.raises(StopIteration):
            events.next()


@pytest.mark.parametrize("profile", [STREAMABLE, SSE])
def test_a_post_is_refused_with_405_and_a_get_is_not(profile: str) -> None:
    with client(profile) as a:
        usual = a.begin().status_code
        armed = a.service.arm("post-refused")
        answer = a.say("ping", 1)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        with a.http.stream("GET", a.service.url, headers=a.headers) as response:
            assert response.status_code == 200
        a.service.disarm(armed)
        assert a.say("ping", 1).status_code == usual


def test_a_call_gets_202_and_nothing_else() -> None:
    with client(STREAMABLE, "accepted-without-answer:nth=1") as a:
        a.begin()
        answer = a.say("tools/list", 1)
        assert (answer.status_code, answer.content) == (202, b"")
        assert told(a.say("tools/list", 2))["id"] == 2


def test_a_call_over_http_and_sse_gets_202_and_nothing_on_the_stream() -> None:
    with client(SSE, "accepted-without-answer:nth=1") as a, a.stream() as events:
        url = events.open()
        assert events.say(url, "tools/list", 1).status_code == 202
        assert events.say(url, "tools/list", 2).status_code == 202
        assert b'"id":2' in events.next()


def test_a_post_is_sent_to_http_and_back_as_a_get() -> None:
    with client(STREAMABLE, "redirect-chain") as a:
        first = a.say("ping", 1)
        assert first.status_code == 307
        assert first.headers["location"] == a.service.url + "/"
        second = a.http.post(first.headers["location"], json={}, headers=a.headers)
        assert second.status_code == 301
        assert second.headers["location"] == a.service.url
        third = a.http.get(second.headers["location"], headers=a.headers)
        assert third.status_code == 400  # without a session there is no stream
        a.service.disarm()
        assert a.begin().status_code == 200
        assert a.http.get(first.headers["location"]).status_code == 404


def test_the_chain_leads_from_https_to_http_and_back(origins_with_tls: Caller) -> None:
    caller = origins_with_tls
    url = caller.profile.endpoints.mcp or ""
    caller.service.faults.arm("redirect-chain")
    first = caller.ask("POST", url)
    assert (first.status, header(first, "location")) == (307, "http://127.0.0.1:5001/mcp/")
    second = caller.ask("POST", f"{url}/")
    assert (second.status, header(second, "location")) == (301, "https://127.0.0.1:5001/mcp")


@pytest.fixture
def origins_with_tls() -> Caller:
    return Caller(shipped(STREAMABLE), scheme="https")


def test_a_tool_is_gone_after_the_first_list() -> None:
    with client(STREAMABLE, "tools-changed:skip=1") as a:
        a.begin()

        def listed(number: int) -> list[str]:
            return [tool["name"] for tool in told(a.say("tools/list", number))["result"]["tools"]]

        whole = listed(1)
        assert len(whole) == 4
        assert listed(2) == whole[:-1]
        gone = told(a.say("tools/call", 3, name=whole[-1], arguments={}))
        assert "error" in gone or gone["result"]["isError"]
        left = told(a.say("tools/call", 4, name="add_note", arguments={}))
        assert left["result"]["isError"] is False
        a.service.disarm()
        assert listed(5) == whole


def test_the_tool_that_goes_can_be_named() -> None:
    with client(STREAMABLE, "tools-changed:tool=add_note") as a:
        a.begin()
        tools = told(a.say("tools/list", 1))["result"]["tools"]
        assert "add_note" not in {tool["name"] for tool in tools}
        assert len(tools) == 3
