"""Who appears in plays: MCP sessions of each transport."""

from typing import Any

from play import Json, Play, initialize, initialized, note

MCP = "https://mcp.example.com/mcp"
SSE = "https://mcp.example.com/v1/sse"
MODERN = {"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}


class Streamable:
    """A streamable session, opened; without a name the server gives no session id."""

    def __init__(self, play: Play, name: str | None, url: str = MCP, **how: Any) -> None:
        self.play, self.url, self.how = play, url, how
        self.headers = {"Mcp-Session-Id": name}
        self.stream: int | None = None
        play.answer(play.post(url, initialize(), **how), initialized(), headers=self.headers)
        self.say(note("notifications/initialized"))

    def post(self, message: Json, **how: Any) -> int:
        """Post a message, to be answered."""
        return self.play.post(self.url, message, self.headers, **(self.how | how))

    def say(self, message: Json) -> int:
        """Post a message that HTTP answers with nothing."""
        post = self.post(message)
        self.play.answer(post, status=202)
        return post

    def hear(self, message: Json) -> int:
        """Let the server say something on the GET stream; gives the stream's exchange."""
        if self.stream is None:
            self.stream = self.play.listen(self.url, self.headers, **self.how)
            self.play.stream(self.stream)
        self.play.event(self.stream, message)
        return self.stream


class Sse:
    """A session over HTTP+SSE, opened."""

    def __init__(self, play: Play, name: str, **how: Any) -> None:
        self.play, self.how = play, how
        self.url = f"{SSE}/message?sessionId={name}"
        self.stream = play.listen(SSE, **how)
        play.stream(self.stream)
        play.event(self.stream, event="endpoint", text=f"/v1/sse/message?sessionId={name}")
        self.say(initialize())
        self.hear(initialized(version="2024-11-05"))

    def post(self, message: Json) -> int:
        return self.play.post(self.url, message, **self.how)

    def say(self, message: Json) -> int:
        post = self.post(message)
        self.play.answer(post, status=202, text="Accepted")
        return post

    def hear(self, message: Json) -> int:
        self.play.event(self.stream, message)
        return self.stream


class Sessionless:
    """A client of 2026-07-28, known by its name."""

    def __init__(self, play: Play, name: str, token: str | None = None, **how: Any) -> None:
        self.play, self.how = play, how
        self.headers = MODERN | ({} if token is None else {"Authorization": f"Bearer {token}"})
        self.meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": name, "version": "1"},
        }

    def post(self, message: Json) -> int:
        meta = self.meta | message["params"].get("_meta", {})
        message = message | {"params": message["params"] | {"_meta": meta}}
        return self.play.post(MCP, message, self.headers, **self.how)
