"""What one thing that a client asked tells of the MCP session it belongs to."""

from typing import NamedTuple

from msgspec import Raw

from wiretape.recorder.log.exchanges import Hops, header
from wiretape.recorder.log.jsonrpc import Call, Failure, Malformed, Message, Notification, messages
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.urls import endpoint, join, origin, query

type Principal = int | str | None
"""On whose behalf: the number of a grant, a token of no known grant, or nobody's."""

PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion"
CLIENT_INFO = "io.modelcontextprotocol/clientInfo"


class Address(NamedTuple):
    """A URL to post to, comparable however its query is encoded."""

    endpoint: str
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, url: str) -> "Address":
        """Take a URL apart."""
        return cls(endpoint(url), tuple(query(url).items()))


class Ask:
    """A request with the redirects that it followed, seen from the session."""

    def __init__(self, chain: Hops, principal: Principal) -> None:
        self.chain = chain
        self.principal = principal
        self.line = chain[0].lines.request
        last = self._last = chain[-1]
        self.origin = origin(last.request.url)
        self.endpoint = endpoint(last.request.url)
        self.connection = last.request.connection
        self.agent = self._header("user-agent")
        self.session_id = self._header("mcp-session-id")
        self.sent = _sent(chain)
        self.initializes = self._calls("initialize")

    @property
    def given_id(self) -> str | None:
        """The session id that the server gave."""
        response = self._last.response
        return None if response is None else header(response.headers, "mcp-session-id")

    @property
    def accepted(self) -> bool:
        """Whether the server took it: HTTP says so, and no JSON-RPC error says otherwise."""
        last = self._last
        if last.response is None or not 200 <= last.response.status < 300:
            return False
        contents = [last.response.body, *(event.data for event in last.events)]
        answers = (message for content in contents for message in messages(content))
        return not any(isinstance(answer, Failure) for answer in answers)

    @property
    def addresses(self) -> list[Address]:
        """Where it was sent, redirects included."""
        return [Address.of(hop.request.url) for hop in self.chain]

    @property
    def post_address(self) -> Address | None:
        """Where an HTTP+SSE stream tells its client to post, in its first event."""
        request, events = self._last.request, self._last.events
        if request.method != "GET" or not events or events[0].event != "endpoint":
            return None
        data = events[0].data
        return Address.of(join(request.url, data.text or "" if data else ""))

    @property
    def sessionless(self) -> bool:
        """Whether it is in the style of 2026-07-28."""
        if not self.sent or self.initializes:
            return False
        marked = self._header("mcp-method") is not None or PROTOCOL_VERSION in self._meta
        return marked or self._calls("server/discover")

    @property
    def client_name(self) -> str | None:
        """What the client calls itself, where every request says it (2026-07-28)."""
        info = fields(self._meta.get(CLIENT_INFO))
        return f"{text(info.get('name'))} {text(info.get('version'))}" if info else None

    @property
    def is_mcp(self) -> bool:
        """Whether it looks like MCP, whatever came of it."""
        if self.sent or self.session_id is not None:
            return True
        accept = self._header("accept") or ""
        listens = self._last.request.method == "GET" and "text/event-stream" in accept.lower()
        return listens and not self._last.events  # a stream of other events is somebody else's

    def _header(self, name: str) -> str | None:
        return header(self._last.request.headers, name)

    def _calls(self, method: str) -> bool:
        return any(isinstance(said, Call) and said.method == method for said in self.sent)

    @property
    def _meta(self) -> dict[str, Raw]:
        """The `_meta` of the first message."""
        first = self.sent[0] if self.sent else None
        params = first.params if isinstance(first, Call | Notification) else None
        return fields(fields(params).get("_meta"))


def _sent(chain: Hops) -> tuple[Message, ...]:
    """Give the client's messages, from the last hop that has any."""
    for hop in reversed(chain):
        found = messages(hop.request.body)
        if any(not isinstance(message, Malformed) for message in found):
            return found
    return ()
