"""An MCP session over HTTP+SSE at the service, and what may become of its stream."""

from datetime import timedelta

from official.edge import ENDPOINT, MCP_CORS
from official.service import Official
from official.tools import TOOLS
from play import Json, call, failure, initialize, note, result
from visitor import Visitor

VERSION = "2025-03-26"
_EVERY = timedelta(seconds=30)
"""From one keep-alive to the next."""

_STREAM = {"content-type": "text/event-stream", "connection": "keep-alive"} | MCP_CORS
_ACCEPTED = {"content-type": "text/event-stream"} | MCP_CORS
_NO_SESSION = {"content-type": "text/plain;charset=UTF-8"} | MCP_CORS


def post_to_the_endpoint(service: Official, visitor: Visitor, client: str | None = None) -> None:
    """Try the streamable transport, which is not served here."""
    hello = initialize(1, "2025-06-18", client) if client else visitor.hello()
    number = visitor.post("POST initialize", ENDPOINT, hello, token=visitor.access)
    service.edge.answer(number, text="Missing sessionId parameter", status=404, headers=_NO_SESSION)


class Session:
    """A stream, opened; on a connection of its own."""

    def __init__(self, service: Official, visitor: Visitor, label: str, on: str) -> None:
        self._service, self._visitor, self._play = service, visitor, visitor.play
        reference = f"/v1/sse/message?sessionId={service.made.hex(64)}"
        self.url = f"https://mcp.atlassian.com{reference}"
        self.stream = visitor.listen(label, ENDPOINT, token=visitor.access, on=on)
        service.edge.stream(self.stream, _STREAM)
        self._spoke = self._play.now
        self._play.event(self.stream, event="endpoint", text=reference)

    def begin(self) -> None:
        """Shake hands; the notification at its end is not a method that the service knows."""
        hello = self._visitor.hello()
        answer = result(
            1,
            protocolVersion=VERSION,
            capabilities={"tools": {"listChanged": True}},
            serverInfo={"name": "atlassian-remote-mcp-server", "version": "1.0.0"},
        )
        self.say("POST initialize to the stream's URL", hello, answer)
        done = note("notifications/initialized")
        self.say("POST notifications/initialized", done, failure(None, -32601, "Method not found"))

    def say(self, label: str, message: Json, answer: Json = None) -> bool:
        """Post a message, whose answer comes on the stream; tells if the token was good."""
        visitor = self._visitor
        number = visitor.post(label, self.url, message, token=visitor.access)
        if not self._service.admits(visitor.access):
            self._service.refuse(number, "POST", "bad token")
            return False
        self._service.edge.answer(number, text="Accepted", status=202, headers=_ACCEPTED)
        self._play.later(self._service.made.milliseconds(80, 900) / 1000)
        if answer is not None:
            self._keep_alive()
            self._play.event(self.stream, answer)
        return True

    def list_tools(self, label: str, number: int) -> bool:
        return self.say(label, call(number, "tools/list"), result(number, tools=TOOLS))

    def call_tool(
        self, label: str, number: int, name: str, says: str, *, fails: bool = False, **given: Json
    ) -> bool:
        message = call(number, "tools/call", name=name, arguments=given)
        content = [{"type": "text", "text": says}]
        return self.say(label, message, result(number, content=content, isError=fails))

    def leave(self) -> None:
        self._keep_alive()
        self._play.end(self.stream, "client abort", "client disconnected")

    def die(self) -> None:
        self._keep_alive()
        self._play.end(self.stream, "server abort", "terminated")

    def _keep_alive(self) -> None:
        """Send the comments that were due since the stream last said something."""
        quiet, self._spoke = self._play.now - self._spoke, self._play.now
        for _ in range(quiet // _EVERY):
            self._play.keep_alive(self.stream)
