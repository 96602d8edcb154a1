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
    server.lists("tools/list", tools=[tool("b", title="B", annotations=hints), tool("a", "Other.")])
    found = findings(server.play)
    assert found["tools.list"].value == ["a", "b"]
    assert found["tools.paged"].value is False
    assert found["tools.tool.b"].value == {
        "title": "B",
        "description_sha": "fe2bef68ee88e3e5",
        "input": {"type": "object", "properties": {"key": {"type": "string"}}},
        "annotations": hints,
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
