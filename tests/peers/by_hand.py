"""A session walked by hand: OAuth and MCP spelt out over a plain HTTP client.

Run with the HTTP client to use, the server's URL, and a walk (see `peers.Walk`) on stdin:

    python -m peers.by_hand httpx|curl URL <walk.json

It prints a summary (see `peers.Summary`). Proxies and certificate authorities come from the
environment, as each HTTP client reads it.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin

from peers.grant import Grant
from peers.plain_http import CLIENTS, Answer, Http

PROTOCOL = "2025-06-18"

type Message = dict[str, Any]


class Session:
    """An MCP session; `walk` is its script, `seen` its summary."""

    def __init__(self, http: Http, url: str, walk: Message) -> None:
        self.http = http
        self.url = url
        self.walk = walk
        self.grant = Grant(http)
        self.headers: dict[str, str] = {}
        self.stack = ExitStack()
        self.stream: Iterator[tuple[str, str]] = iter(())
        self.last_id = 0
        self.seen: Message = {"progress": [], "questions": [], "notifications": []}

    def run(self) -> Message:
        with self.stack:
            self.connect()
            self.seen["tools"] = [tool["name"] for tool in self.request("tools/list")["tools"]]
            *calls, last = self.walk["calls"]
            results = [self.call(*call) for call in calls]
            if self.walk["refresh"]:
                time.sleep(self.grant.tokens["expires_in"] + 1)  # a whole second after its end
            results.append(self.call(*last))
            self.disconnect()
        self.grant.revoke()
        return self.seen | {"results": results, "grants": self.grant.grants}

    def connect(self) -> None:
        raise NotImplementedError

    def disconnect(self) -> None:
        """End the session; closing the streams ends one without an explicit end."""

    def send(self, message: Message) -> Message:
        raise NotImplementedError

    def initialize(self) -> None:
        hello = {
            "protocolVersion": PROTOCOL,
            "capabilities": {"elicitation": {}},
            "clientInfo": {"name": "by hand", "version": "1"},
        }
        self.seen["protocol"] = self.request("initialize", hello)["protocolVersion"]
        self.headers["mcp-protocol-version"] = self.seen["protocol"]
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, name: str, arguments: Message) -> str:
        token = f"progress-{self.last_id + 1}"
        params = {"name": name, "arguments": arguments, "_meta": {"progressToken": token}}
        return "\n".join(block["text"] for block in self.request("tools/call", params)["content"])

    def request(self, method: str, params: Message | None = None) -> Any:
        self.last_id += 1
        message = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params or {}}
        answer = self.send(message)
        assert "result" in answer, answer
        return answer["result"]

    def open(self, method: str, url: str, accept: str, message: Message | None = None) -> Answer:
        """Send one HTTP request, and once more with a new token if it is answered with 401."""
        body = b"" if message is None else json.dumps(message).encode()
        sent = self.headers | self.walk["headers"] | {"accept": accept}
        if body:
            sent["content-type"] = "application/json"
        for attempt in range(2):
            if self.grant.tokens:
                sent["authorization"] = f"Bearer {self.grant.tokens['access_token']}"
            answer = self.stack.enter_context(self.http(method, url, sent, body))
            if answer.status != 401 or attempt:
                break
            self.grant.renew(answer.headers["www-authenticate"])
        assert answer.status < 300, f"{method} {url} {answer.status} {answer.text()}"
        return answer

    def answer_to(self, wanted: int, events: Iterator[tuple[str, str]]) -> Message:
        """Read events until the one that answers request `wanted`, serving what comes before."""
        for _, data in events:
            if data:
                message: Message = json.loads(data)
                if message.get("id") == wanted and "method" not in message:
                    return message
                self.receive(message)
        raise AssertionError(f"the stream ended before the answer to request {wanted}")

    def receive(self, message: Message) -> None:
        match message["method"]:
            case "elicitation/create":
                self.seen["questions"].append(message["params"]["message"])
                result = {"action": "accept", "content": {"yes": True}}
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
            case "notifications/progress":
                self.seen["progress"].append(message["params"]["progress"])
            case other:
                self.seen["notifications"].append(other)


class Streamable(Session):
    """Streamable HTTP: every message is a POST, answered by JSON or by a stream of its own."""

    def connect(self) -> None:
        self.initialize()
        listening = self.open("GET", self.url, "text/event-stream")
        self.stream = events(listening)

    def disconnect(self) -> None:
        for method in self.walk["notifications"]:
            _, data = next(self.stream)
            self.receive(json.loads(data))
            assert method in self.seen["notifications"]
        self.open("DELETE", self.url, "application/json")

    def send(self, message: Message) -> Message:
        answer = self.open("POST", self.url, "application/json, text/event-stream", message)
        if "mcp-session-id" in answer.headers:
            self.headers["mcp-session-id"] = answer.headers["mcp-session-id"]
        if "method" not in message or "id" not in message:
            answer.text()
            return {}
        if answer.headers["content-type"].startswith("application/json"):
            return json.loads(answer.text())  # type: ignore[no-any-return]  # JSON-RPC: an object
        return self.answer_to(message["id"], events(answer))


class LegacySse(Session):
    """HTTP+SSE (2024-11-05): messages are POSTed, all answers come on one stream."""

    def connect(self) -> None:
        self.stream = events(self.open("GET", self.url, "text/event-stream"))
        kind, data = next(self.stream)
        assert kind == "endpoint"
        self.endpoint = urljoin(self.url, data)
        self.initialize()

    def send(self, message: Message) -> Message:
        self.open("POST", self.endpoint, "application/json", message).text()
        if "method" not in message or "id" not in message:
            return {}
        return self.answer_to(message["id"], self.stream)


def events(answer: Answer) -> Iterator[tuple[str, str]]:
    """Read an event stream as pairs of event type and data."""
    kind, data = "message", list[str]()
    for line in answer.lines():
        field, _, value = line.partition(":")
        match field:
            case "event":
                kind = value.strip()
            case "data":
                data.append(value.removeprefix(" "))
            case "" if not line and data:
                yield kind, "\n".join(data)
                kind, data = "message", []


def main() -> None:
    walk = json.load(sys.stdin)
    transport = {"streamable-http": Streamable, "sse": LegacySse}[walk["transport"]]
    with CLIENTS[sys.argv[1]]() as http:
        print(json.dumps(transport(http, sys.argv[2], walk).run()))


if __name__ == "__main__":
    main()
