"""What a server lists, and whether that changes."""

from pathlib import Path
from typing import Any

from concluded import findings
from play import Json, Play, call, failure, result
from players import Streamable

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def tool(name: str, description: str = "Does it.", **more: Json) -> Json:
    schema = {"type": "object", "properties": {"key": {"type": "string"}}}
    return {"name": name, "description": description, "inputSchema": schema, **more}


class Server:
    """A session in which things are listed."""

    def __init__(self, url: str = "https://mcp.example.com/mcp", play: Play | None = None) -> None:
        self.play = play or Play()
        self.session = Streamable(self.play, "s", url=url)
        self.asked = 0

    def lists(self, method: str, *, cursor: str | None = None, **answer: Any) -> None:
        self.asked += 1
        params = {} if cursor is None else {"cursor": cursor}
        post = self.session.post(call(self.asked, method, **params))
        self.play.answer(post, result(self.asked, **answer))

    def calls(self, name: str, answer: Json) -> None:
        self.play.answer(self.session.post(call(answer["id"], "tools/call", name=name)), answer)


def test_tools_with_all_that_is_said_of_them() -> None:
    server = Server()
    hints = {"readOnlyHint": True}
    meta = {"tags": ["x"]}
    b = tool("b", "Does it.\n\nAt length.", title="B", annotations=hints, _meta=meta, icons=None)
    server.lists("tools/list", tools=[b, tool("a", "Other.")])
    found = findings(server.play)
    assert found["tools.list"].value == ["a", "b"]
    assert found["tools.paged"].value is False
    assert found["tools.tool.b"].value == {
        "title": "B",
        "description": "Does it.\n\nAt length.",
        "input": {"type": "object", "properties": {"key": {"type": "string"}}},
        "annotations": hints,
        "more": {"_meta": meta, "icons": None},
    }
    assert found["tools.tool.b"].evidence == found["tools.list"].evidence
    assert "tools.changed" not in found  # one list cannot tell


def test_equal_lists_do_not_change() -> None:
    server = Server()
    for _ in range(3):
        server.lists("tools/list", tools=[tool("a"), tool("b")])
    found = findings(server.play)
    assert found["tools.changed"].value == []
    assert found["tools.list"].count == 3


def test_a_tool_that_comes_one_that_goes_and_one_that_changes() -> None:
    server = Server()
    server.lists("tools/list", tools=[tool("stays"), tool("goes"), tool("changes")])
    server.lists("tools/list", tools=[tool("changes", "New."), tool("stays"), tool("comes")])
    found = findings(server.play)
    assert found["tools.changed"].value == ["changes", "comes", "goes"]
    assert found["tools.list"].value == ["changes", "comes", "goes", "stays"]


def test_two_servers_do_not_change_each_other() -> None:
    play = Play()
    Server("https://a.example.com/mcp", play).lists("tools/list", tools=[tool("a"), tool("c")])
    other = Server("https://b.example.com/mcp", play)
    other.asked = 10
    other.lists("tools/list", tools=[tool("b"), tool("c", "Otherwise.")])
    assert findings(play)["tools.changed"].value == []


def test_pages_are_one_list() -> None:
    server = Server()
    server.lists("tools/list", tools=[tool("a")], nextCursor="2")
    server.lists("tools/list", cursor="2", tools=[tool("b")])
    found = findings(server.play)
    assert found["tools.list"].value == ["a", "b"]
    assert found["tools.paged"].value is True
    assert found["tools.changed"].value == []


def test_prompts_resources_and_templates() -> None:
    server = Server()
    server.lists("prompts/list", prompts=[{"name": "greet"}])
    server.lists("resources/list", resources=[{"uri": "file:///a", "name": "A"}])
    server.lists("resources/templates/list", resourceTemplates=[{"uriTemplate": "file:///{x}"}])
    found = findings(server.play)
    assert found["prompts.list"].value == ["greet"]
    assert found["resources.list"].value == ["file:///a"]
    assert found["resources.templates.list"].value == ["file:///{x}"]
    assert "tools.list" not in found


def test_what_is_said_of_prompts_resources_and_templates() -> None:
    server = Server()
    name = {"name": "whom", "required": True}
    greet = {"name": "greet", "title": "Greet", "description": "Says hello.", "arguments": [name]}
    server.lists("prompts/list", prompts=[greet])
    note = {"uri": "file:///a", "name": "A", "mimeType": "text/plain", "size": 3}
    server.lists("resources/list", resources=[note])
    each = {"uriTemplate": "file:///{x}", "name": "each", "annotations": {"priority": 1}}
    server.lists("resources/templates/list", resourceTemplates=[each])
    found = findings(server.play)
    assert found["prompts.prompt.greet"].value == {
        "title": "Greet",
        "description": "Says hello.",
        "arguments": [name],
    }
    assert found["resources.resource.file:///a"].value == {
        "name": "A",
        "media_type": "text/plain",
        "more": {"size": 3},
    }
    assert found["resources.templates.template.file:///{x}"].value == {
        "name": "each",
        "annotations": {"priority": 1},
    }


def test_what_is_said_has_its_bounds() -> None:
    server = Server()
    server.lists("tools/list", tools=[tool("a", "x" * 40_000)])
    server.lists("resources/list", resources=[{"uri": f"file:///{n:04}"} for n in range(700)])
    found = findings(server.play)
    assert found["tools.tool.a"].value["description"] == "x" * 16_384  # type: ignore[call-overload, index]  # an object
    assert len(found["resources.list"].value) == 700  # type: ignore[arg-type]  # a list
    assert len([id_ for id_ in found if id_.startswith("resources.resource.")]) == 500


def test_an_error_that_an_unknown_tool_is_answered_with() -> None:
    server = Server()
    server.lists("tools/list", tools=[tool("get")])
    server.calls("get", failure(2, -32602, "No such argument: key"))
    server.calls("got_lost", failure(3, -32602, "Unknown tool: got_lost", data={"got_lost": [3]}))
    found = findings(server.play)["tools.unknown"]
    assert found.value == {
        "code": "-32602",
        "message": "Unknown tool: {name}",
        "data": {"got_lost": [3]},
    }
    assert found.count == 1


def test_a_result_that_an_unknown_tool_is_answered_with() -> None:
    server = Server()
    server.lists("tools/list", tools=[])
    told = {"content": [{"type": "text", "text": "no got_lost here"}], "isError": True}
    server.calls("got_lost", result(2, **told))
    server.calls("got_lost", result(3))
    assert findings(server.play)["tools.unknown"].value == {
        "result": {"content": [{"type": "text", "text": "no {name} here"}], "isError": True}
    }


def test_an_unknown_prompt_and_an_unknown_resource() -> None:
    server = Server()
    server.lists("prompts/list", prompts=[])
    server.lists("resources/list", resources=[])
    ask = server.session.post(call(8, "prompts/get", name="who"))
    server.play.answer(ask, failure(8, 0, "who?"))
    ask = server.session.post(call(9, "resources/read", uri="file:///b"))
    server.play.answer(ask, failure(9, -32002, "not found: file:///b"))
    found = findings(server.play)
    assert found["prompts.unknown"].value == {
        "code": "0",
        "message": "who?",
    }  # too short to be sure
    assert found["resources.unknown"].value == {"code": "-32002", "message": "not found: {name}"}


def test_what_may_be_on_another_page_is_not_unknown() -> None:
    server = Server()
    server.lists("tools/list", tools=[tool("a")], nextCursor="2")
    server.calls("got_lost", failure(2, -32602))
    assert "tools.unknown" not in findings(server.play)
    server.lists("tools/list", cursor="2", tools=[tool("got_lost")])
    assert "tools.unknown" not in findings(server.play)


def test_an_empty_list_is_a_list() -> None:
    server = Server()
    server.lists("tools/list", tools=[])
    assert findings(server.play)["tools.list"].value == []


def test_calls_by_tool() -> None:
    server = Server()
    server.calls("search", result(1, content=[]))
    server.calls("search", result(2, content=[], isError=True))
    server.calls("search", failure(3, -32602))
    server.calls("get", result(4, content=[], note='{"isError":true}'))
    assert findings(server.play)["tools.calls"].value == {
        "get": {"answered": 1},
        "search": {"answered": 1, "failed": 1, "errors": 1},
    }


def test_lists_that_are_none() -> None:
    server = Server()
    for tools in (1, [1, {"name": 2}], {"a": 1}):
        server.lists("tools/list", tools=tools)
    server.lists("tools/list")
    found = findings(server.play)
    assert found["tools.list"].value == []
    assert found["tools.changed"].value == []


def test_a_list_that_is_refused_is_none() -> None:
    server = Server()
    server.play.answer(server.session.post(call(1, "tools/list")), failure(1, -32601))
    assert not [id_ for id_ in findings(server.play) if id_.startswith("tools.")]


def test_a_real_recording() -> None:
    found = findings(RECORDINGS / "mcp-atlassian.jsonl")
    names = found["tools.list"].value
    assert isinstance(names, list)
    assert len(names) == 98
    assert found["tools.calls"].value == {
        "jira_get_issue": {"answered": 1},
        "jira_search": {"answered": 1},
    }
    tool = found["tools.tool.jira_get_issue"].value
    assert isinstance(tool, dict)
    assert tool["annotations"] is not None
