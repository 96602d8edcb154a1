"""Which route plays which role, and what clients are called."""

from collections.abc import Callable

import pytest

from concluded import concluded, diagnoses, findings
from play import Json, Play, call, failure, initialize, initialized, result
from players import MCP, SSE, Sessionless, Sse, Streamable
from wiretape.analysis.scene import Scene
from wiretape.recorder.log.urls import origin

SDK = {"User-Agent": "node"}
NEWS = "https://news.example.com/events"


def staged(play: Play) -> Scene:
    return concluded(play).scene


def test_a_client_is_called_by_the_initialize_that_was_answered() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize(client="a probe"), SDK), status=404)
    Sse(play, "0f3c", headers=SDK)

    assert staged(play).client("node") == "client 1"


def test_a_client_whose_initialize_nobody_answered_has_a_name_all_the_same() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize(client="a probe"), SDK), status=404)

    assert staged(play).client("node") == "a probe 1"


def test_somebody_elses_event_stream_is_not_mcp() -> None:
    play = Play()
    news = play.listen(NEWS)
    play.stream(news)
    play.event(news, {"headline": "Rain"})
    play.end(news, "server abort")
    play.answer(play.listen(NEWS), status=404)

    assert staged(play).role(NEWS) == "other"
    found = {id_ for id_ in findings(play) if not id_.startswith("errors.")}
    assert found == {"clients.a client without User-Agent"}
    assert diagnoses(play) == []


def _challenged(play: Play) -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    play.answer(play.listen(MCP), status=401, headers=challenge)


def _told_in_json_rpc(play: Play) -> None:
    missing = failure("server-error", -32600, "Bad Request: Missing session ID")
    play.answer(play.listen(MCP), missing, status=400)


def _with_a_revision(play: Play) -> None:
    play.answer(play.listen(MCP, {"Mcp-Protocol-Version": "2025-06-18"}), status=405)


def _posted_to_as_well(play: Play) -> None:
    play.answer(play.listen(MCP), status=405)
    play.answer(play.post(MCP, initialize()), status=401)


def _given_a_session(play: Play) -> None:
    play.answer(play.listen(MCP), status=400, headers={"Mcp-Session-Id": "0f3c"})


@pytest.mark.parametrize(
    "asks",
    [_challenged, _told_in_json_rpc, _with_a_revision, _posted_to_as_well, _given_a_session],
)
def test_a_get_at_an_endpoint_of_mcp(asks: Callable[[Play], None]) -> None:
    play = Play()
    asks(play)

    assert staged(play).role(MCP) == "mcp"


def test_streams_and_messages_of_a_session() -> None:
    play = Play()
    Streamable(play, "0f3c").hear(call(1, "ping"))
    assert staged(play).role(MCP) == "mcp"
    Sse(play, "0f3c")
    assert staged(play).role(SSE) == "sse"
    assert staged(play).role(f"{SSE}/message") == "message"


ETHEREUM = "https://rpc.example.com/v1"


@pytest.mark.parametrize("answer", [result(1, x=1), failure(1)])
@pytest.mark.parametrize("status", [200, 400, 401])
def test_json_rpc_of_something_else_is_not_mcp(answer: Json, status: int) -> None:
    play = Play()
    challenge = {"WWW-Authenticate": "Bearer"}
    asked = play.post(ETHEREUM, call(1, "eth_blockNumber"))
    play.answer(asked, answer, status=status, headers=challenge)
    Streamable(play, "0f3c")

    stage = staged(play)
    assert stage.role(ETHEREUM) == "other"
    assert stage.routes("mcp") == (MCP,)
    assert findings(play)["endpoint.mcp"].value == MCP


@pytest.mark.parametrize(
    "method",
    ["initialize", "server/discover", "ping", "tools/call", "resources/read", "tasks/get"],
)
def test_a_method_of_mcp_makes_an_endpoint(method: str) -> None:
    play = Play()
    play.answer(play.post(MCP, call(1, method)), failure(1), status=400)
    assert staged(play).role(MCP) == "mcp"


def test_a_header_of_mcp_makes_an_endpoint() -> None:
    play = Play()
    play.answer(play.post(MCP, call(1, "own/method"), {"Mcp-Method": "own/method"}), result(1))
    assert staged(play).role(MCP) == "mcp"


def _both(play: Play, post_to: str) -> None:
    Streamable(play, "0f3c")
    stream = play.listen(MCP)
    play.stream(stream)
    play.event(stream, event="endpoint", text=f"{post_to}?sessionId=1a2b")
    play.answer(play.post(f"{post_to}?sessionId=1a2b", initialize()), status=202, text="Accepted")
    play.event(stream, initialized(version="2024-11-05"))


@pytest.mark.parametrize("post_to", [f"{SSE}/message", MCP])
def test_both_transports_at_one_url(post_to: str) -> None:
    play = Play()
    _both(play, post_to)

    stage, found = staged(play), findings(play)
    assert stage.role(MCP) == "mcp"
    assert set(stage.plays(MCP)) >= {"mcp", "sse"}
    assert stage.routes("mcp") == stage.routes("sse") == (MCP,)
    assert stage.routes("message") == (post_to,)
    assert found["transport.kinds"].value == ["sse", "streamable"]
    assert found["endpoint.mcp"].value == found["endpoint.sse"].value == MCP
    assert found["transport.message.answer"].value == {
        "status": 202,
        "media_type": None,
        "body": "Accepted",
    }


def test_where_messages_of_sse_are_posted_is_not_streamable_http() -> None:
    play = Play()
    session = Sse(play, "0f3c")
    play.answer(session.post(call(1, "ping")), status=200, text="ok")

    assert staged(play).plays(f"{SSE}/message") == ("message",)
    assert findings(play)["transport.kinds"].value == ["sse"]


def test_clients_of_one_user_agent_are_named_together() -> None:
    play = Play()
    for name in ("Good", "Bad"):
        play.answer(play.post(MCP, initialize(client=name), SDK), initialized())
    assert staged(play).client("node") == "Bad 1, Good 1"

    for name in ("A", "B", "C"):
        play.answer(play.post(MCP, initialize(client=name), SDK), initialized())
    assert staged(play).client("node") == "A 1, B 1, Bad 1 and 2 more"


def test_clients_without_sessions_are_named_together() -> None:
    play = Play()
    for name in ("a", "b"):
        client = Sessionless(play, name)
        for number in range(20):
            play.answer(client.post(call(number, "tools/call", name="t")), result(number))
    assert staged(play).client("") == "a 1, b 1"


@pytest.mark.parametrize("status", [401, 404, 307])
def test_the_other_spelling_of_a_slash_is_asked_for_the_same(status: int) -> None:
    play = Play()
    play.answer(play.post(f"{SSE}/", initialize()), status=status)
    play.answer(play.listen(f"{MCP}/"), status=status)
    Sse(play, "0f3c")
    Streamable(play, "0f3c")

    stage = staged(play)
    assert stage.role(f"{SSE}/") == "sse"
    assert stage.role(f"{MCP}/") == "mcp"
    assert (stage.routes("sse"), stage.routes("mcp")) == ((SSE,), (MCP,))
    assert findings(play)["endpoint.sse"].value == SSE


def test_what_is_not_there_is_no_endpoint() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), status=404)
    Sse(play, "0f3c")

    found = findings(play)
    assert "endpoint.mcp" not in found
    assert found["endpoint.sse"].value == SSE


def test_what_refuses_everybody_is_an_endpoint() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), status=401)

    assert findings(play)["endpoint.mcp"].value == MCP


def test_a_server_and_its_authorization_server_on_two_ports_are_one_service() -> None:
    play = Play()
    site, auth = "http://127.0.0.1:8000", "http://127.0.0.1:9000"
    resource = {"resource": f"{site}/mcp", "authorization_servers": [auth]}
    server = {"issuer": auth, "token_endpoint": f"{auth}/token"}
    play.answer(play.request("GET", f"{site}/.well-known/oauth-protected-resource"), resource)
    play.answer(play.request("GET", f"{auth}/.well-known/oauth-authorization-server"), server)
    code = {"grant_type": "authorization_code", "code": "k", "client_id": "abc"}
    token = {"access_token": "t", "token_type": "bearer"}
    play.answer(play.request("POST", f"{auth}/token", form=code), token)
    Streamable(play, "0f3c", f"{site}/mcp")
    assert staged(play).services == ("127.0.0.1:8000",)

    play.answer(play.post(f"{auth}/mcp", initialize()), status=404)  # somebody took one for another
    assert staged(play).services == ("127.0.0.1:8000",)

    Streamable(play, "0f3c", f"{auth}/mcp")
    assert staged(play).services == ("127.0.0.1:8000", "127.0.0.1:9000")


def test_a_service_that_is_nowhere_found_is_where_it_was_looked_for() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), status=404)
    assert staged(play).services == ("mcp.example.com",)
    assert staged(play).role(MCP) == "mcp"


def test_a_session_that_is_not_found_is_looked_for_at_an_endpoint() -> None:
    play = Play()
    gone = play.post(MCP, call(1, "ping"), {"Mcp-Session-Id": "0f3c"})
    play.answer(gone, status=404)
    assert findings(play)["endpoint.mcp"].value == MCP


SITES = "https://api.example.com/oauth/token/accessible-resources"
SITE = {"id": "0b7c1f4e", "url": "https://a.example.com", "name": "A", "scopes": ["read:it"]}
BEARER = {"Authorization": "Bearer 0123456789abcdef"}


@pytest.mark.parametrize(
    ("body", "status", "headers", "role"),
    [
        ([SITE], 200, BEARER, "resources"),
        ([SITE], 200, {}, "other"),
        ([SITE], 403, BEARER, "other"),
        ([], 200, BEARER, "other"),
        (SITE, 200, BEARER, "other"),
        ([{"id": "0b7c1f4e"}], 200, BEARER, "other"),
        (["id"], 200, BEARER, "other"),
    ],
)
def test_where_a_tokens_sites_are_listed_is_known_by_what_is_said_of_them(
    body: Json, status: int, headers: dict[str, str], role: str
) -> None:
    play = Play()
    Streamable(play, "0f3c")
    play.answer(play.request("GET", SITES, headers=headers), body, status=status)

    assert staged(play).role(SITES) == role
    assert ("endpoint.resources" in findings(play)) == (role == "resources")


def test_the_sites_that_a_bridge_is_told_of_are_not_its_own_endpoint() -> None:
    play = Play()
    Streamable(play, "0f3c")
    form = {"grant_type": "refresh_token", "refresh_token": "fedcba9876543210"}
    for home in ("https://auth.example.com", origin(MCP)):
        tokens = {"access_token": "0123456789abcdef", "token_type": "Bearer"}
        play.answer(play.request("POST", f"{home}/token", form=form), tokens)
    play.answer(play.request("GET", SITES, headers=BEARER), [SITE])

    assert staged(play).role(SITES) == "resources"
    assert "endpoint.resources" not in findings(play)
