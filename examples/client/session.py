"""Messages to an MCP server, by streamable HTTP, or by HTTP+SSE where that is refused."""

import json
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin

import httpx

from client import FailedError
from client.oauth import OAuth

REVISION = "2025-11-25"
VERSIONED = "2025-06-18"


class LostError(Exception):
    """The server knows the session no more."""


class Session:
    """A session; `stream` are the events of HTTP+SSE, if that is spoken."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http
        self.oauth = OAuth(url, http)
        self.id: str | None = None
        self.revision: str | None = None
        self.stream: Iterator[tuple[str, str]] | None = None
        self.number = 0
        self.opened = ExitStack()

    def walk(self) -> list[str]:
        """Begin, list the tools, call the first, and end; gives the tools' names."""
        with self.opened:
            self.begin()
            tools = self.call("tools/list")["tools"]
            if tools:
                self.call("tools/call", name=tools[0]["name"], arguments={})
            self.end()
        return [tool["name"] for tool in tools]

    def begin(self) -> None:
        """Begin a session, and agree on a revision."""
        self.id = self.revision = None
        about = {"name": "example-client", "version": "1"}
        asked = {"protocolVersion": REVISION, "capabilities": {}, "clientInfo": about}
        answer = self.once("initialize", asked)
        self.revision = answer["protocolVersion"]
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method; where the session is gone, in a new one."""
        try:
            return self.once(method, params)
        except LostError:
            self.begin()
            return self.once(method, params)

    def once(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Call a method and give its result."""
        self.number += 1
        said = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        for message in self.say(said):
            if message.get("id") == self.number and "result" in message:
                return dict(message["result"])
            if message.get("id") == self.number and "error" in message:
                raise FailedError(f"{method}: {message['error'].get('message')}")
        raise FailedError(f"{method}: the stream ended without an answer")

    def say(self, message: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Post a message; gives what is said upon it."""
        answer = self.ask("POST", self.posted(), message)
        if self.falls_back(message, answer):
            self.listen()
            answer = self.ask("POST", self.posted(), message)
        if answer.status_code == 404 and self.id:
            raise LostError
        if not answer.is_success:
            raise FailedError(f"{message['method']} was answered {answer.status_code}")
        self.id = answer.headers.get("mcp-session-id", self.id)
        if self.stream is not None:
            return (json.loads(data) for _, data in self.stream)
        if "event-stream" in answer.headers.get("content-type", ""):
            return (json.loads(data) for _, data in events(answer.iter_lines()) if data)
        body = answer.read()
        return iter([json.loads(body)] if body and "id" in message else [])

    def falls_back(self, message: dict[str, Any], answer: httpx.Response) -> bool:
        """Tell whether the server may know HTTP+SSE only."""
        begins = message["method"] == "initialize" and self.stream is None
        return begins and answer.status_code in {400, 404, 405}

    def listen(self) -> None:
        """Open the stream of HTTP+SSE; its first event tells where messages go."""
        answer = self.ask("GET", self.url)
        if not answer.is_success:
            raise FailedError(f"neither POST nor GET: {answer.status_code}")
        self.stream = events(answer.iter_lines())
        self.endpoint(next(self.stream))

    def endpoint(self, first: tuple[str, str]) -> None:
        """Take where messages go."""
        self.place = urljoin(self.url, first[1])

    def posted(self) -> str:
        """Give where messages go."""
        return self.url if self.stream is None else self.place

    def end(self) -> None:
        """End the session."""
        if self.id is not None:
            self.ask("DELETE", self.url)

    def ask(self, method: str, url: str, message: dict[str, Any] | None = None) -> httpx.Response:
        """Send a request, with a new token if it is refused; the answer is still to be read."""
        answer = self.sent(method, url, message)
        if answer.status_code == 401:
            self.oauth.renew(answer)
            answer = self.sent(method, url, message)
        if answer.status_code == 401:
            raise FailedError("a new token was refused as well")
        if answer.is_redirect:
            raise FailedError("redirects are not followed")
        return answer

    def sent(self, method: str, url: str, message: dict[str, Any] | None) -> httpx.Response:
        """Send a request once."""
        request = self.http.build_request(method, url, headers=self.headers(method), json=message)
        answer = self.http.send(request, stream=True)
        self.opened.callback(answer.close)
        return answer

    def headers(self, method: str) -> dict[str, str]:
        """Give the headers that every request has."""
        accepted = {"POST": "application/json, text/event-stream", "GET": "text/event-stream"}
        told = {"accept": accepted.get(method, "*/*")}
        if (token := self.oauth.token) is not None:
            told["authorization"] = f"Bearer {token}"
        if self.id is not None:
            told["mcp-session-id"] = self.id
        if self.revision is not None and self.revision >= VERSIONED:
            told["mcp-protocol-version"] = self.revision
        return told


def events(lines: Iterator[str]) -> Generator[tuple[str, str]]:
    """Read an event stream: the name and the data of each event (WHATWG HTML, 9.2.6)."""
    name, data = "message", list[str]()
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
