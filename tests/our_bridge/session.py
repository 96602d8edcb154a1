"""An MCP session over streamable HTTP at the bridge."""

from collections.abc import Mapping

from official.tools import TOOLS
from our_bridge.bridge import Bridge
from play import Json, call, failure, initialized, note, result
from visitor import Visitor

_VERSION = "2025-03-26"


class Session:
    """A session over streamable HTTP, opened."""

    def __init__(self, bridge: Bridge, visitor: Visitor) -> None:
        self._bridge, self._visitor = bridge, visitor
        self._headers: dict[str, str] = {}
        given = {"mcp-session-id": bridge.made.uuid()}
        self.say("POST initialize", visitor.hello(), initialized(1, _VERSION, "bridge"), given)
        self._headers = given
        self.say("POST notifications/initialized", note("notifications/initialized"))

    def say(
        self, label: str, message: Json, answer: Json = None, given: Mapping[str, str] | None = None
    ) -> bool:
        """Post a message; tells if the token was good."""
        bridge, visitor = self._bridge, self._visitor
        how = {"headers": self._headers, "token": visitor.access}
        number = visitor.post(label, bridge.endpoint, message, **how)
        if not bridge.admits(visitor.access):
            bridge.refuse(number, "POST", "bad token")
            return False
        bridge.answer(number, answer, 202 if answer is None else 200, given)
        return True

    def list_tools(self, label: str, number: int) -> bool:
        return self.say(label, call(number, "tools/list"), result(number, tools=TOOLS))

    def call_tool(self, label: str, number: int) -> bool:
        message = call(number, "tools/call", name="atlassianUserInfo", arguments={})
        content = [{"type": "text", "text": '{"name":"Ada Example"}'}]
        return self.say(label, message, result(number, content=content, isError=False))

    def listen(self) -> None:
        """Ask for a stream, which there is not."""
        bridge, how = self._bridge, {"headers": self._headers, "token": self._visitor.access}
        number = self._visitor.listen("GET the stream", bridge.endpoint, **how)
        bridge.answer(number, failure(None, -32000, "Method not allowed."), 405, {"allow": "POST"})

    def leave(self) -> None:
        bridge, token = self._bridge, self._visitor.access
        ended = self._visitor.ask("DELETE", "DELETE", bridge.endpoint, self._headers, token)
        bridge.answer(ended)
