"""Revisions, capabilities, and how each method fares."""

from pathlib import Path

import pytest

from concluded import findings
from play import Json, Play, call, failure, initialize, note, result
from players import MCP, Sessionless, Sse, Streamable

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def agree(play: Play, offered: str, chosen: str, **more: Json) -> None:
    info = {"name": "server", "version": "2"}
    answer = result(0, protocolVersion=chosen, serverInfo=info, **more)
    play.answer(play.post(MCP, initialize(version=offered)), answer)


def test_revisions_by_the_one_that_was_offered() -> None:
    play = Play()
    agree(play, "2025-06-18", "2025-03-26")
    agree(play, "2024-11-05", "2024-11-05")
    agree(play, "2024-11-05", "2025-03-26")
    refused = failure(0, -32602, "Unsupported protocol version")
    play.answer(play.post(MCP, initialize(version="1999-01-01")), refused)
    found = findings(play)["protocol.revisions"]
    assert found.value == {
        "1999-01-01": "refused",
        "2024-11-05": ["2024-11-05", "2025-03-26"],
        "2025-06-18": "2025-03-26",
    }
    assert found.count == 4


@pytest.mark.parametrize(
    ("status", "code", "message", "data"),
    [
        (200, -32602, "Unsupported protocol version", None),
        (400, -32602, "Invalid params", {"supported": ["2025-06-18"], "requested": "1999-01-01"}),
        (400, -32022, "No", None),
        (400, -32000, "Bad Request: Unsupported protocol version: 1999-01-01", None),
    ],
)
def test_a_revision_that_is_refused(status: int, code: int, message: str, data: Json) -> None:
    play = Play()
    refused = failure(0, code, message, **({} if data is None else {"data": data}))
    play.answer(play.post(MCP, initialize(version="1999-01-01")), refused, status=status)
    assert findings(play)["protocol.revisions"].value == {"1999-01-01": "refused"}


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (406, -32600, "Not Acceptable: Client must accept both application/json and more"),
        (400, -32700, "Parse error"),
        (400, -32602, "Validation error: params.protocolVersion must be a string"),
        (403, -32000, "Unsupported protocol version, said a proxy"),
        (500, -32603, "Internal error"),
    ],
)
def test_an_initialize_that_is_refused_for_another_reason(
    status: int, code: int, message: str
) -> None:
    play = Play()
    agree(play, "2025-06-18", "2025-06-18")
    for version in ("2025-06-18", "2025-11-25"):
        refused = failure(0, code, message)
        play.answer(play.post(MCP, initialize(version=version)), refused, status=status)
    assert findings(play)["protocol.revisions"].value == {"2025-06-18": "2025-06-18"}


def test_what_both_sides_say_of_themselves() -> None:
    play = Play()
    tools = {"tools": {"listChanged": True}}
    agree(play, "2025-06-18", "2025-06-18", capabilities=tools, instructions="Do it well.")
    found = findings(play)
    assert found["protocol.capabilities"].value == tools
    assert found["protocol.server_info"].value == {"name": "server", "version": "2"}
    assert found["protocol.client_info"].value == {"name": "client", "version": "1"}
    assert found["protocol.instructions"].value is True
    assert found["protocol.instructions"].note == "Do it well."
    assert "protocol.client_capabilities" not in found  # it has none


def test_openings_in_full_by_the_revision_chosen() -> None:
    play = Play()
    agree(play, "2025-06-18", "2025-06-18", capabilities={"tools": {}}, instructions="Do it.")
    agree(play, "2025-11-25", "2025-06-18", capabilities={"tools": {}}, instructions="Again.")
    agree(play, "2024-11-05", "2024-11-05", _meta={"x": 1})
    play.answer(play.post(MCP, initialize(version="1999-01-01")), failure(0, -32602, "No"))
    info = {"name": "server", "version": "2"}
    found = findings(play)
    assert {id_: each.value for id_, each in found.items() if ".opening." in id_} == {
        "protocol.opening.2025-06-18": {
            "protocolVersion": "2025-06-18",
            "serverInfo": info,
            "capabilities": {"tools": {}},
            "instructions": "Do it.",
        },
        "protocol.opening.2024-11-05": {
            "protocolVersion": "2024-11-05",
            "serverInfo": info,
            "_meta": {"x": 1},
        },
    }


def test_capabilities_that_change() -> None:
    play = Play()
    agree(play, "2025-06-18", "2025-06-18", capabilities={"tools": {}})
    agree(play, "2025-06-18", "2025-06-18", capabilities={"tools": {}, "logging": {}})
    found = findings(play)
    assert found["protocol.capabilities"].value == [{"tools": {}}, {"logging": {}, "tools": {}}]
    assert found["protocol.instructions"].value is False


def test_without_a_handshake() -> None:
    play = Play()
    client = Sessionless(play, "modern")
    answer = result(
        1,
        supportedVersions=["2025-11-25", "2026-07-28"],
        capabilities={"tools": {}},
        _meta={"io.modelcontextprotocol/serverInfo": {"name": "s", "version": "3"}},
    )
    play.answer(client.post(call(1, "server/discover")), answer)
    found = findings(play)
    assert found["protocol.revisions"].value == {"2026-07-28": "2026-07-28"}
    assert found["protocol.supported"].value == ["2025-11-25", "2026-07-28"]
    assert found["protocol.server_info"].value == {"name": "s", "version": "3"}
    assert found["protocol.client_info"].value == {"name": "modern", "version": "1"}
    opening = found["protocol.opening.2026-07-28"].value
    assert isinstance(opening, dict)
    assert opening["supportedVersions"] == ["2025-11-25", "2026-07-28"]


def test_methods_by_what_became_of_them() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "tools/call", name="a")), result(1))
    play.answer(session.post(call(2, "tools/call", name="a")), failure(2, -32602, "Unknown tool"))
    post = session.post(call(3, "tools/call", name="a"))
    play.stream(post)
    play.event(post, result(3))
    play.end(post)
    play.answer(session.post(call(4, "tools/call", name="a")), status=401)
    play.fail(session.post(call(5, "tools/call", name="a")))
    found = findings(play)["protocol.method.tools/call"]
    assert found.value == {
        "answered": 2,
        "errors": {"-32602": 1},
        "ways": ["body", "stream"],
        "messages": {"-32602": "Unknown tool"},
        "refused": 1,
        "unanswered": 1,
    }
    assert found.count == 5


def test_of_an_error_the_first_message_is_told_and_not_all_of_it() -> None:
    play = Play()
    session = Streamable(play, "s")
    for number, message in enumerate(("x" * 400, "y", "z")):
        code = -32602 if number < 2 else -32000
        play.answer(session.post(call(number, "tools/call")), failure(number, code, message))
    value = findings(play)["protocol.method.tools/call"].value
    assert isinstance(value, dict)
    assert value["messages"] == {"-32602": "x" * 200, "-32000": "z"}


def test_a_method_that_the_service_does_not_know() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    session.say(call(1, "prompts/list"))
    session.hear(failure(1, -32601, "no prompts/list", data="prompts/list"))
    assert findings(play)["protocol.unknown_method"].value == {
        "code": "-32601",
        "message": "no {name}",
        "data": "{name}",
    }


def test_a_method_that_nobody_knows() -> None:
    """Some servers refuse it as if its parameters were wrong."""
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "tools/call")), failure(1, -32602, "Wrong"))
    assert "protocol.unknown_method" not in findings(play)
    play.answer(session.post(call(2, "wiretape/unknown")), failure(2, -32602, "Bad"), status=400)
    assert findings(play)["protocol.unknown_method"].value == {
        "code": "-32602",
        "message": "Bad",
        "status": 400,
    }


def test_a_notification_that_is_answered_with_an_error() -> None:
    """As the official service did in August 2025."""
    play = Play()
    session = Sse(play, "a" * 40)
    session.say(note("notifications/initialized"))
    session.hear(failure(None, -32601, "Method not found"))
    session.say(call(1, "prompts/list"))
    session.hear(failure(1, -32601, "Method not found"))
    found = findings(play)
    assert found["protocol.not_found"].value == ["notifications/initialized", "prompts/list"]
    initialized = found["protocol.method.notifications/initialized"]
    assert initialized.value == {
        "answered": 0,
        "errors": {"-32601": 1},
        "ways": ["sse"],
        "messages": {"-32601": "Method not found"},
    }


def test_what_the_server_says_of_its_own_accord() -> None:
    play = Play()
    session = Streamable(play, "s")
    session.hear(note("notifications/tools/list_changed"))
    session.hear(call(0, "sampling/createMessage"))
    session.say(result(0, model="m"))
    session.hear(call(1, "roots/list"))
    found = findings(play)
    assert found["protocol.server_methods"].value == [
        "notifications/tools/list_changed",
        "roots/list",
        "sampling/createMessage",
    ]
    assert "protocol.method.roots/list" not in found


def test_nothing_unusual_gives_nothing_unusual() -> None:
    play = Play()
    Streamable(play, "s")
    found = findings(play)
    assert "protocol.not_found" not in found
    assert "protocol.server_methods" not in found
    assert "protocol.supported" not in found


@pytest.mark.parametrize("agent", ["wiretape-probe", "client/1"])
def test_what_the_probe_does_not_find_it_may_have_asked_for_on_purpose(agent: str) -> None:
    play = Play()
    who = {"User-Agent": agent}
    play.answer(play.post(MCP, initialize(), who), result(0, protocolVersion="2025-06-18"))
    play.answer(play.post(MCP, call(1, "no/such"), who), failure(1, -32601))
    note = findings(play)["protocol.not_found"].note or ""
    assert ("probe" in note) == (agent == "wiretape-probe")


def test_a_bad_token_says_nothing_of_methods_and_revisions_however_it_is_told() -> None:
    play = Play()
    session = Streamable(play, "s")
    denied = failure(None, -32001, "Invalid access token")
    for message in (initialize(), call(2, "tools/call", name="a")):
        play.answer(session.post(message), denied, status=401)
    found = findings(play)
    assert found["protocol.revisions"].value == {"2025-06-18": "2025-06-18"}
    assert found["protocol.method.tools/call"].value == {
        "answered": 0,
        "errors": {},
        "ways": [],
        "refused": 1,
    }
    assert {"tools.calls", "tools.unknown", "latency.method.tools/call"}.isdisjoint(found)


def test_what_is_no_mcp_has_no_protocol() -> None:
    found = findings(RECORDINGS / "redirects.jsonl", Play())
    assert not [id_ for id_ in found if id_.startswith("protocol.not")]
    play = Play()
    play.answer(play.request("GET", "https://www.example.com/"), text="hello")
    assert not [id_ for id_ in findings(play) if id_.startswith("protocol.")]


def test_a_real_recording() -> None:
    found = findings(RECORDINGS / "mcp-atlassian.jsonl")
    assert found["protocol.revisions"].value == {"2025-11-25": "2025-11-25"}
    assert found["protocol.server_info"].value == {"name": "Atlassian MCP", "version": "3.4.10"}


def test_other_json_rpc_is_not_of_the_service() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "tools/list")), result(1, tools=[]))
    chain = "https://chain.example.com/rpc"
    play.answer(play.post(chain, call(2, "eth_call")), failure(2, -32601, "Method not found"))
    play.answer(play.post(chain, call(3, "tools_list")), result(3))
    found = findings(play)
    about = [id_ for id_ in found if id_.startswith(("protocol.method.", "latency.method."))]
    assert about == [
        "latency.method.initialize",
        "latency.method.tools/list",
        "protocol.method.initialize",
        "protocol.method.notifications/initialized",
        "protocol.method.tools/list",
    ]
    assert {"protocol.not_found", "protocol.unknown_method"}.isdisjoint(found)
    assert found["protocol.nonconforming"].note == "5 of 5 messages were checked"


def test_a_service_is_asked_what_it_does_not_know() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(2, "eth_call")), failure(2, -32601, "Method not found"))
    assert findings(play)["protocol.not_found"].value == ["eth_call"]


def test_a_notification_that_is_answered_on_the_stream_counts_once() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    for _ in range(2):
        session.say(note("notifications/initialized"))
    session.hear(failure(None, -32601, "Method not found"))
    found = findings(play)["protocol.method.notifications/initialized"]
    assert found.value == {
        "answered": 0,
        "errors": {"-32601": 1},
        "ways": ["sse"],
        "messages": {"-32601": "Method not found"},
        "notified": 1,
    }
    assert found.count == 2
