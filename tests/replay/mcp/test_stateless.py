"""MCP 2026-07-28: no handshake, no sessions; each POST says all that is to be known of it."""

import asyncio
from typing import Any

import pytest
from mcp_types import methods

from replayed import Json, header
from speaking import SESSION, VERSION, Speaker, altered, listening, message, play, told
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.offers import Tool
from wiretape.analysis.profile.texts import JsonText
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running

MODERN = "2026-07-28"
PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
META = {PROTOCOL_VERSION: MODERN, CAPABILITIES: {}}


def both(**values: Any) -> Profile:
    """Give a service that speaks this form and the older ones."""
    known = {"transport__kinds": ("sessionless", "streamable")} | values
    return altered("oauth-streamable", **known)


def alone(**values: Any) -> Profile:
    known = {"transport__kinds": ("sessionless",), "protocol__revisions": {}} | values
    return altered("oauth-streamable", protocol__opening={}, **known)


class Modern(Speaker):
    """A client of this revision; `headers` and `meta` are put over what it would say."""

    def call(
        self,
        method: str,
        number: Any = 1,
        *,
        headers: dict[str, str | None] | None = None,
        meta: Any = META,
        **params: Any,
    ) -> Any:
        said = message(method, number, **params)
        if meta is not None:
            said["params"]["_meta"] = meta
        named = params.get("name", params.get("uri"))
        told = {VERSION: MODERN, "mcp-method": method, "mcp-name": named} | (headers or {})
        given = {key: value for key, value in told.items() if value is not None}
        return self.caller.post_json(self.url, said, self.headers | given)


@pytest.fixture(params=[both, alone])
def client(request: pytest.FixtureRequest) -> Modern:
    return Modern(request.param())


CALLS = [
    ("server/discover", {}),
    ("tools/list", {}),
    ("tools/call", {"name": "list_notes", "arguments": {}}),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "notes://all"}),
    ("prompts/list", {}),
]


@pytest.mark.parametrize(("method", "params"), CALLS)
def test_results_are_as_the_schema_has_them(method: str, params: dict[str, Any]) -> None:
    lists = {"resources__list": ("notes://all",), "prompts__list": ("a",)}
    client = Modern(both(resources__templates__list=(), **lists))
    reply = client.call(method, **params)
    assert reply.status == 200, reply.body
    assert header(reply, SESSION) is None
    result = told(reply)["result"]
    methods.validate_server_result(method, MODERN, result)
    assert result["resultType"] == "complete"
    assert ("ttlMs" in result) == (method != "tools/call")


def test_discovery_tells_what_is_spoken(client: Modern) -> None:
    result = told(client.call("server/discover"))["result"]
    assert MODERN in result["supportedVersions"]
    assert result["capabilities"] == {
        "prompts": {"listChanged": False},
        "resources": {"listChanged": False, "subscribe": False},
        "tools": {"listChanged": False},
    }
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "notes"


def test_discovery_tells_what_was_seen() -> None:
    seen = '{"supportedVersions": ["2026-07-28"], "capabilities": {}, "ttlMs": 9}'
    opening = {MODERN: JsonText(seen)}
    result = told(Modern(both(protocol__opening=opening)).call("server/discover"))["result"]
    assert result == {
        "resultType": "complete",
        "ttlMs": 9,
        "cacheScope": "private",
        "supportedVersions": [MODERN],
        "capabilities": {},
    }


REFUSED: list[tuple[dict[str, Any], int, int]] = [
    ({"meta": None}, 400, -32602),
    ({"meta": {PROTOCOL_VERSION: MODERN}}, 400, -32602),
    ({"meta": []}, 400, -32602),
    ({"headers": {VERSION: "2026-08-01"}}, 400, -32020),
    ({"headers": {"mcp-method": None}}, 400, -32020),
    ({"headers": {"mcp-method": "Tools/call"}}, 400, -32020),
    ({"headers": {"mcp-name": None}}, 400, -32020),
    ({"headers": {"mcp-name": "add_note"}}, 400, -32020),
    ({"headers": {"mcp-name": "=?base64?!?="}}, 400, -32020),
    ({"headers": {"mcp-name": "=?base64?bGlzdF9ub3Rlcw==?="}}, 200, 0),
    ({}, 200, 0),
]


@pytest.mark.parametrize(("said", "status", "code"), REFUSED)
def test_what_contradicts_itself_is_refused(
    client: Modern, said: dict[str, Any], status: int, code: int
) -> None:
    reply = client.call("tools/call", "an id", name="list_notes", **said)
    answer = told(reply)
    assert (reply.status, answer["id"]) == (status, "an id")
    assert answer.get("error", {}).get("code", 0) == code
    if code:
        assert header(reply, "content-type") == "application/json"


def test_an_unknown_revision_is_refused_with_those_that_are_spoken(client: Modern) -> None:
    version = "2027-01-01"
    meta = META | {PROTOCOL_VERSION: version}
    reply = client.call("tools/list", headers={VERSION: version}, meta=meta)
    error = told(reply)["error"]
    assert (reply.status, error["code"]) == (400, -32022)
    assert error["data"] == {"supported": [MODERN], "requested": version}


@pytest.mark.parametrize("method", ["no/such", "initialize", "ping", "logging/setLevel"])
def test_a_method_that_is_not_there_is_not_found(client: Modern, method: str) -> None:
    reply = client.call(method)
    assert (reply.status, told(reply)["error"]["code"]) == (404, -32601)


def test_what_is_no_call_is_taken_or_refused(client: Modern) -> None:
    def posted(body: Json) -> Any:
        return client.caller.post_json(client.url, body, client.headers | {VERSION: MODERN})

    assert posted(message("notifications/cancelled")).status == 202
    for body in ([message("ping", 1)], {"jsonrpc": "2.0", "id": 1, "result": {}}, 7):
        reply = posted(body)
        assert (reply.status, told(reply)["error"]["code"]) == (400, -32600)
    unread = client.caller.ask("POST", client.url, b"{", client.headers | {VERSION: MODERN})
    assert (unread.status, told(unread)["error"]["code"]) == (400, -32700)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_only_post_is_allowed(client: Modern, method: str) -> None:
    headers = client.headers | {VERSION: MODERN, "last-event-id": "1-1"}
    reply = client.caller.ask(method, client.url, b"", headers)
    assert (reply.status, header(reply, "allow")) == (405, "POST")


def test_both_forms_are_spoken_where_both_are_known() -> None:
    client = Modern(both())
    client.begin()
    assert client.say("ping", 1).status == 200
    assert client.call("tools/list").status == 200
    older = Modern(alone())
    assert told(older.say("initialize", 1))["error"]["code"] == -32602


ECHOED = {version: version for version in (MODERN, "1999-01-01", "2025-11-25")}


@pytest.mark.parametrize("values", [{}, {"protocol__revisions": ECHOED}])
def test_where_it_is_not_spoken_nothing_else_changes(values: dict[str, Any]) -> None:
    """Some services choose whatever an `initialize` offers: that does not mean it is spoken."""
    client = Modern(altered("oauth-streamable", **values))
    assert client.call("server/discover").status == 400
    client.begin()
    assert told(client.call("server/discover"))["error"]["code"] in {-32600, -32601}


WITH_HEADERS = JsonText.of(
    {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "deep": {"properties": {"count": {"type": "integer", "x-mcp-header": "Count"}}},
            "sure": {"type": "boolean", "x-mcp-header": "Sure"},
        },
    }
)


@pytest.mark.parametrize(
    ("arguments", "headers", "agree"),
    [
        ({}, {}, True),
        ({"region": "x"}, {"mcp-param-region": "x"}, True),
        ({"region": "x"}, {"mcp-param-region": " x\t"}, True),
        ({"region": "é"}, {"mcp-param-region": "=?base64?w6k=?="}, True),
        ({"region": None}, {}, True),
        ({"deep": {"count": 42}}, {"mcp-param-count": "42.0"}, True),
        ({"sure": True}, {"mcp-param-sure": "true"}, True),
        ({"region": "x"}, {}, False),
        ({"region": "x"}, {"mcp-param-region": "y"}, False),
        ({"region": "x"}, {"mcp-param-region": "=?base64?eA?="}, False),
        ({}, {"mcp-param-region": "x"}, False),
        ({"deep": {"count": 42}}, {"mcp-param-count": "4_2"}, False),
        ({"sure": False}, {"mcp-param-sure": "False"}, False),
        ([], {"mcp-param-sure": "true"}, False),
    ],
)
def test_headers_for_arguments_say_what_they_are(
    arguments: Any, headers: dict[str, str | None], agree: bool
) -> None:
    tool = {"list_notes": Tool(input=WITH_HEADERS)}
    client = Modern(both(tools__tool=tool))
    reply = client.call("tools/call", headers=headers, name="list_notes", arguments=arguments)
    assert reply.status == (200 if agree else 400)
    assert agree or told(reply)["error"]["code"] == -32020


def test_who_subscribes_is_told_what_was_agreed_on() -> None:
    async def part() -> None:
        can = {"tools": {"listChanged": True}, "resources": {"subscribe": True}}
        values = {"protocol__capabilities": JsonText.of(can), "protocol__opening": {}}
        client = Modern(both(**values))
        asked = {
            "toolsListChanged": True,
            "promptsListChanged": True,
            "resourceSubscriptions": ["notes://a", 7],
        }
        agreed = {"toolsListChanged": True, "resourceSubscriptions": ["notes://a"]}
        heard = listening(client.call("subscriptions/listen", "s", notifications=asked))
        about = {"io.modelcontextprotocol/subscriptionId": "s"}
        assert await heard.message() == {
            "jsonrpc": "2.0",
            "method": "notifications/subscriptions/acknowledged",
            "params": {"notifications": agreed, "_meta": about},
        }
        sessions = client.caller.service.world.sessions
        (session,) = sessions.open.values()
        session.tell("notifications/prompts/list_changed")
        session.tell("notifications/resources/updated", {"uri": "notes://b"})
        session.tell("notifications/message", {"level": "info"})
        session.tell("notifications/resources/updated", {"uri": "notes://a"})
        session.tell("notifications/tools/list_changed")
        assert (await heard.message())["params"] == {"uri": "notes://a", "_meta": about}
        assert (await heard.message())["method"] == "notifications/tools/list_changed"
        sessions.end_all()
        assert await heard.rest() == []

    play(part)


def test_where_nothing_is_told_nobody_can_subscribe(client: Modern) -> None:
    reply = client.call("subscriptions/listen", notifications={})
    assert (reply.status, told(reply)["error"]["code"]) == (404, -32601)


@pytest.mark.parametrize("profile", [both, alone])
def test_the_sdks_client_speaks_it(profile: Any) -> None:
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async def part() -> None:
        known = profile(challenge={}, endpoints__token=None)
        async with running(known, clock=Clock(1_700_000_000, rate=0)) as at:
            async with Client(streamable_http_client(at.urls[0])) as client:
                assert client.protocol_version == MODERN
                listed = await client.list_tools()
                assert len(listed.tools) == 4
                called = await client.call_tool("list_notes", {})
                assert not called.is_error
            assert {entry.status for entry in at.service.world.journal} == {200}
            assert not at.service.world.sessions.open

    asyncio.run(asyncio.wait_for(part(), 20))
