"""The clients and the services of a made-up recording, with the headers that each of them sends."""

from dataclasses import dataclass
from random import Random
from typing import Literal

import msgspec

from benchmarks.scene import Headers

ORIGIN_OF_PAGE = "https://inspector.acme.example"


@dataclass(frozen=True)
class Client:
    """An MCP client. In a browser it asks for leave before (Fetch, "CORS-preflight fetch").

    `refreshes_early`: before the token expires, not when it is refused.
    """

    name: str
    version: str
    protocol: str
    http: Literal["HTTP/1.1", "HTTP/2.0"]
    own: Headers
    titled: bool = False
    in_browser: bool = False
    refreshes_early: bool = False

    def headers(self, host: str, *given: tuple[str, str]) -> Headers:
        """Give a request's headers."""
        named = (("host", host), *given) if self.http == "HTTP/1.1" else given
        if not self.titled:
            return (*named, *self.own)
        return (*((name.title(), value) for name, value in named), *self.own)


CLIENTS = (
    Client(
        name="mcp",
        version="0.1.0",
        protocol="2025-06-18",
        http="HTTP/1.1",
        own=(
            ("accept-encoding", "gzip, deflate"),
            ("connection", "keep-alive"),
            ("user-agent", "python-httpx/0.28.1"),
        ),
        refreshes_early=True,
    ),
    Client(
        name="typescript",
        version="1.0.0",
        protocol="2025-11-25",
        http="HTTP/1.1",
        own=(
            ("connection", "keep-alive"),
            ("accept-language", "*"),
            ("user-agent", "node"),
            ("accept-encoding", "gzip, deflate"),
        ),
    ),
    Client(
        name="Visual Studio Code",
        version="1.103.1",
        protocol="2025-06-18",
        http="HTTP/1.1",
        own=(("User-Agent", "node"), ("Connection", "keep-alive")),
        titled=True,
    ),
    Client(
        name="inspector",
        version="0.16.2",
        protocol="2025-06-18",
        http="HTTP/2.0",
        own=(
            ("origin", ORIGIN_OF_PAGE),
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/139.0.0.0"),
        ),
        in_browser=True,
    ),
)


@dataclass(frozen=True)
class Service:
    """An MCP service, with its authorization server.

    `streams`: it answers a call with an event stream, and keeps sessions. `edge`: it stands behind
    a content delivery network, which adds headers.
    """

    host: str
    path: str
    transport: Literal["streamable", "sse"]
    name: str
    streams: bool
    edge: bool
    tools: int

    @property
    def origin(self) -> str:
        """Scheme and host."""
        return f"https://{self.host}"

    def headers(self, random: Random, date: str, *given: tuple[str, str]) -> Headers:
        """Give a response's headers; some are of this one response."""
        if not self.edge:
            return (("date", date), ("server", "uvicorn"), *given)
        trace = f"{random.getrandbits(128):032x}"
        took = random.randrange(20, 400)
        return (
            ("date", date),
            *given,
            ("cf-ray", f"{trace[:16]}-IAD"),
            ("server", "AtlassianEdge"),
            (
                "atl-request-id",
                f"{trace[:8]}-{trace[8:12]}-4{trace[13:16]}-a{trace[17:20]}-{trace[20:]}",
            ),
            ("atl-traceid", trace),
            (
                "server-timing",
                f"atl-edge;dur={took},atl-edge-internal;dur=4,atl-edge-upstream;dur={took - 4}",
            ),
            *_EDGE,
        )

    def cors(self) -> Headers:
        """Give what lets a browser's page read a response."""
        if self.edge:
            return ()  # _EDGE has them, on every response
        exposed = (("access-control-expose-headers", "mcp-session-id"),) if self.streams else ()
        return (("access-control-allow-origin", "*"), *exposed)


_EDGE: Headers = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, OPTIONS"),
    ("access-control-allow-headers", "Content-Type, mcp-session-id"),
    ("access-control-expose-headers", "mcp-session-id"),
    ("access-control-max-age", "86400"),
    ("alt-svc", 'h3=":443"; ma=86400'),
    ("cache-control", "no-cache"),
    ("strict-transport-security", "max-age=63072000; preload"),
    ("vary", "Accept-Encoding"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    ("nel", '{"failure_fraction":0.01,"include_subdomains":true,"max_age":600,"report_to":"edge"}'),
    (
        "report-to",
        '{"endpoints":[{"url":"https://nel.acme.example/"}],"group":"edge","max_age":600}',
    ),
)

SERVICES = (
    Service("mcp.acme.example", "/v1/sse", "sse", "edge", streams=True, edge=True, tools=24),
    Service("tools.acme.example", "/mcp", "streamable", "tools", streams=True, edge=False, tools=6),
    Service(
        "notes.acme.example", "/mcp", "streamable", "notes", streams=False, edge=False, tools=4
    ),
)


def tools_list(service: Service) -> bytes:
    """Give the tools of a service, as JSON."""
    return msgspec.json.encode([_tool(f"{service.name}_{n}") for n in range(service.tools)])


def _tool(name: str) -> dict[str, object]:
    return {
        "name": name,
        "description": f"Does what {name} says, for the issue or page that is asked for.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50},
            },
            "required": ["query"],
        },
        "annotations": {"readOnlyHint": True},
    }
