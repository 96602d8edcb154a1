"""What is said in the MCP sessions of a made-up recording, whatever the transport."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from benchmarks.parties import SERVICES, tools_list
from benchmarks.scene import json_body, text_body
from benchmarks.users import Doing, User

type Json = dict[str, object]

_TOOLS = {service.name: Raw(tools_list(service)) for service in SERVICES}
_WORDS = (
    "The page says how a release is made, who signs it, and what to do when the build is red; ",
    "the issue was reopened after the fix in 2.4, customers see “timeout” in the log again; ",
    "assigned to nobody, priority high, in the sprint after the next, blocked by two others; ",
)
_TEXT = "".join(_WORDS[n * n % 3] for n in range(400))


class Session(ABC):
    """One session: the way that a message takes is the transport's matter."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.scene = user.scene
        self.random = user.random
        self.id = user.secret(32 if user.service.edge else 16)
        self._calls = 0

    def run(self) -> Doing[None]:
        """Connect, make calls with pauses, and go."""
        yield from self.connect()
        yield from self.note("notifications/initialized")
        yield from self.listen()
        yield from self.call("tools/list", tools=_TOOLS[self.user.service.name])
        for _ in range(self.random.randint(10, 90)):
            yield self.random.expovariate(1 / 25)
            yield from self.user.fresh()
            yield from self._something()
        yield from self.disconnect()

    @abstractmethod
    def connect(self) -> Doing[None]:
        """Begin with `initialize`."""

    @abstractmethod
    def listen(self) -> Doing[None]:
        """Open the stream for what the server says unasked."""

    @abstractmethod
    def disconnect(self) -> Doing[None]:
        """Leave."""

    @abstractmethod
    def post(self, message: bytes, answers: list[bytes]) -> Doing[None]:
        """Post a message that gets these answers; none to a notification."""

    def call(self, method: str, /, params: Json | None = None, **result: object) -> Doing[None]:
        """Make a call that is answered with this result."""
        asked = self.asks(method, params)
        yield from self.post(asked, [self.answers(result=result)])

    def note(self, method: str) -> Doing[None]:
        """Send a notification."""
        message = msgspec.json.encode({"jsonrpc": "2.0", "method": method})
        yield from self.post(message, [])

    def asks(self, method: str, params: Json | None = None) -> bytes:
        """Give the next request."""
        self._calls += 1
        message: Json = {"jsonrpc": "2.0", "id": self._calls, "method": method}
        return msgspec.json.encode(message if params is None else message | {"params": params})

    def answers(self, **content: object) -> bytes:
        """Give the answer to the last request."""
        return msgspec.json.encode({"jsonrpc": "2.0", "id": self._calls, **content})

    def initialize(self) -> tuple[bytes, bytes]:
        """Give the first request and its answer."""
        version = self.user.client.protocol
        info = {"name": self.user.client.name, "version": self.user.client.version}
        asked: Json = {"protocolVersion": version, "capabilities": {}, "clientInfo": info}
        found = {
            "protocolVersion": version,
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": self.user.service.name, "version": "1.0.0"},
        }
        return self.asks("initialize", asked), self.answers(result=found)

    def _something(self) -> Doing[None]:
        """Make one call of the usual mix, most of them to tools."""
        dice = self.random.random()
        if dice < 0.35:
            yield from self.call("ping")
        elif dice < 0.38:
            refused = {"code": -32601, "message": "Method not found"}
            yield from self.post(self.asks("resources/list"), [self.answers(error=refused)])
        elif dice < 0.40:
            yield from self._unreachable()
        elif dice < 0.41:
            yield from self._overloaded()
        else:
            yield from self._tool_call()

    def _tool_call(self) -> Doing[None]:
        service, number = self.user.service, self.random.randrange(self.user.service.tools)
        params: Json = {
            "name": f"{service.name}_{number}",
            "arguments": {"query": self._text(20), "limit": 10},
        }
        steps = self.random.choices((0, 1, 3), (20, 2, 1))[0] if service.streams else 0
        if steps:
            params["_meta"] = {"progressToken": self._calls + 1}
        asked = self.asks("tools/call", params)
        content = [{"type": "text", "text": self._text(90)}]
        result = {"content": content, "isError": self.random.random() < 0.03}
        yield from self.post(asked, [*self._progress(steps), self.answers(result=result)])

    def _progress(self, steps: int) -> Iterator[bytes]:
        for step in range(1, steps + 1):
            params = {"progressToken": self._calls, "progress": step, "total": steps}
            message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
            yield msgspec.json.encode(message)

    def _unreachable(self) -> Doing[None]:
        number = self.user.send("POST", self.user.url, json_body(self.asks("ping")))
        yield self.user.latency()
        dice = self.random.random()
        if dice < 0.3:
            detail = f"{self.user.service.host}: Temporary failure in name resolution"
            self.scene.fail(number, "dns", detail)
        elif dice < 0.6:
            self.scene.fail(number, "connect", "Connection refused")
        else:
            self.scene.end(number, "client abort", "Client disconnected.")

    def _overloaded(self) -> Doing[None]:
        number = self.user.send("POST", self.user.url, json_body(self.asks("ping")))
        if self.random.random() < 0.5:
            page = text_body("<html><h1>502 Bad Gateway</h1></html>", "text/html")
            yield from self.user.answer(number, 502, page)
        else:
            yield from self.user.answer(number, 429, given=(("retry-after", "2"),))

    def _text(self, median: int) -> str:
        size = min(int(median * self.random.lognormvariate(0, 1)), 20_000)
        start = self.random.randrange(len(_TEXT) - 20_000)
        return _TEXT[start : start + size]
