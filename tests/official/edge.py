"""The hosts of the service, by the headers that each sends."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

import msgspec
from msgspec import Raw

from made_up import MadeUp
from play import Json, Play

ENDPOINT = "https://mcp.atlassian.com/v1/sse"
ISSUER = (
    "https://atlassian-remote-mcp-production.atlassian-remote-mcp-server-production.workers.dev"
)
JSON = {"content-type": "application/json"}

MCP_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Content-Type, mcp-session-id",
    "access-control-expose-headers": "mcp-session-id",
    "access-control-max-age": "86400",
}

SKEW = timedelta(seconds=3)
"""How far the service's clock is ahead of the recorder's."""

_NEL = (
    '{"failure_fraction": 0.001, "include_subdomains": true, "max_age": 600,'
    ' "report_to": "endpoint-1"}'
)
_REPORT_TO = (
    '{"endpoints": [{"url": "https://reports.example.net"}], "group": "endpoint-1",'
    ' "include_subdomains": true, "max_age": 600}'
)


class Worker:
    """The worker at an origin of its own, where only Cloudflare stands in front."""

    def __init__(self, play: Play, made: MadeUp) -> None:
        self.play, self.made = play, made

    def answer(
        self,
        number: int,
        json: Json = None,
        *,
        text: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer with a body, spelt without white space, of the length that is said."""
        body = None if json is None else msgspec.json.encode(json)
        said = self.wait() | (JSON if body else {}) | dict(headers or {})
        said["content-length"] = str(len(body or (text or "").encode()))
        raw = None if body is None else Raw(body)
        self.play.answer(number, raw, text=text, status=status, headers=said)

    def stream(self, number: int, headers: Mapping[str, str]) -> None:
        """Begin an event stream."""
        self.play.stream(number, self.wait() | dict(headers))

    def wait(self) -> dict[str, str]:
        """Let the time pass that an answer takes, and give the headers of every answer."""
        taken = self.made.milliseconds(35, 140)
        self.play.later(taken / 1000)
        date = format_datetime(self.play.now + SKEW, usegmt=True)
        return {"date": date} | self.headers(taken)

    def headers(self, taken: int) -> dict[str, str]:
        return {
            "server": "cloudflare",
            "cf-ray": f"{self.made.hex(16)}-IAD",
            "alt-svc": 'h3=":443"; ma=86400',
        }


class Edge(Worker):
    """Atlassian's edge in front of the worker, which tells of its time and traces requests."""

    def headers(self, taken: int) -> dict[str, str]:
        trace, inside = self.made.uuid(), self.made.milliseconds(2, 9)
        durations = f"atl-edge;dur={taken},atl-edge-internal;dur={inside}"
        return {
            "server": "AtlassianEdge",
            "cache-control": "no-cache",
            "vary": "Accept-Encoding",
            "cf-ray": f"{self.made.hex(16)}-IAD",
            "ge-edge-trusted-cloudflare-proxy": "ZXhhbXBsZS1lZGdlCg==",
            "alt-svc": 'h3=":443"; ma=86400',
            "strict-transport-security": "max-age=63072000; preload",
            "x-content-type-options": "nosniff",
            "x-xss-protection": "1; mode=block",
            "atl-request-id": trace,
            "atl-traceid": trace.replace("-", ""),
            "server-timing": (
                f"{durations},atl-edge-upstream;dur={taken - inside},"
                'atl-edge-pop;desc="aws-us-east-1"'
            ),
            "nel": _NEL,
            "report-to": _REPORT_TO,
        }
