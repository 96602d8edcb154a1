"""Real clients against services that are brought to life."""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
import pytest

from peers.clients import BROWSER, BROWSING, CLIENTS
from peers.processes import environment, finished
from peers.servers import Transport, Walk
from replayed import shipped
from wiretape.replay.clock import Clock
from wiretape.replay.messages import Ask, Reply
from wiretape.replay.service import Choices
from wiretape.replay.serving import Running, running

SERVICES: dict[str, tuple[Transport, str]] = {
    "atlassian-2025-08": ("sse", "2025-03-26"),
    "atlassian-2026-03": ("streamable-http", "2025-06-18"),
    "atlassian-2026-09": ("streamable-http", "2025-11-25"),
}
CALLS = (("getVisibleJiraProjects", {"cloudId": "c"}), ("atlassianUserInfo", {}))
LIFETIME = 3300

BY_OWN_CLOCK = ("mcp1", "mcp2", "fastmcp")
"""Clients that refresh before a request, if their own clock says that the token has expired.

After a 401 they authorize again, whatever refresh token they have (`async_auth_flow` of the Python
SDK's provider, which fastmcp inherits). So their tokens live for two seconds, and they wait.
"""

BY_REFUSAL = ("typescript", "mcp-remote")
"""Clients that refresh after a 401: the service's clock jumps as soon as a tool was called.

mcp-remote also refreshes ahead, from a minute before the end of a token.
"""

STRICT = ("mcp1", "mcp2", "fastmcp", "mcp-remote")
"""Clients that want an issuer to be where its metadata was found (RFC 8414, 3.3)."""


class Exchange(NamedTuple):
    ask: Ask
    reply: Reply

    @property
    def calls(self) -> bool:
        return b'"tools/call"' in self.ask.body

    @property
    def parameters(self) -> dict[str, list[str]]:
        return parse_qs(self.ask.query or self.ask.body.decode())


@dataclass(frozen=True)
class Seen:
    """What every client tells: the negotiated revision, the tools, the texts of the results."""

    protocol: str
    tools: tuple[str, ...]
    results: tuple[str, ...]


class Visited:
    """A service and what it was asked; with `expiring`, tokens expire after the first call."""

    def __init__(self, profile: str, choices: Choices, *, expiring: bool = False) -> None:
        self.profile = profile
        self.choices = choices
        self.expiring = expiring
        self.exchanges: list[Exchange] = []

    async def by(self, client: str, *, waits: bool = False) -> Seen:
        """Have a client walk the service; raises AssertionError with all it said if it fails."""
        walk = Walk(SERVICES[self.profile][0], CALLS, refresh=waits)
        clock = Clock()
        async with running(shipped(self.profile), clock=clock, choices=self.choices) as at:
            self._watch(at, clock)
            command = [*(CLIENTS | BROWSING)[client](), at.urls[0]]
            sent = environment() | BROWSER, msgspec.json.encode(walk)
            out, _ = await asyncio.to_thread(finished, command, *sent)
        return msgspec.json.decode(out.splitlines()[-1], type=Seen)

    def of(self, endpoint: str) -> list[Exchange]:
        return [each for each in self.exchanges if each.ask.path.endswith(endpoint)]

    def _watch(self, at: Running, clock: Clock) -> None:
        answer = at.service.answer

        def noted(ask: Ask) -> Reply:
            exchange = Exchange(ask, answer(ask))
            if self.expiring and exchange.calls and not any(each.calls for each in self.exchanges):
                clock.advance(LIFETIME)
            self.exchanges.append(exchange)
            return exchange.reply

        at.service.answer = noted


def assert_walked(seen: Seen, profile: str) -> None:
    assert seen.protocol == SERVICES[profile][1]
    assert len(seen.tools) == 24
    assert [result.partition(":")[0] for result in seen.results] == [name for name, _ in CALLS]


@pytest.mark.parametrize("profile", SERVICES)
@pytest.mark.parametrize("client", [*BY_OWN_CLOCK, *BY_REFUSAL])
def test_a_client_authorizes_calls_and_lives_through_expiry(client: str, profile: str) -> None:
    waits = client in BY_OWN_CLOCK
    choices = Choices("consistent", expires_in=2 if waits else LIFETIME)
    visited = Visited(profile, choices, expiring=not waits)
    assert_walked(asyncio.run(visited.by(client, waits=waits)), profile)

    assert [each.reply.status for each in visited.of("/register")] == [201]
    for each in visited.of("/authorize"):
        assert each.parameters["code_challenge_method"] == ["S256"]
        assert each.reply.status == 302
    first, *later = (each.parameters["grant_type"] for each in visited.of("/token"))
    assert first == ["authorization_code"]
    assert later
    assert all(grant == ["refresh_token"] for grant in later)
    calls = [each for each in visited.exchanges if each.calls and each.reply.status < 300]
    tokens = [each.ask.headers["authorization"] for each in calls]
    assert len(tokens) == len(set(tokens)) == len(CALLS)


@pytest.mark.parametrize("client", STRICT)
def test_a_strict_client_refuses_the_faithful_issuer(client: str) -> None:
    visited = Visited("atlassian-2025-08", Choices("faithful"))
    with pytest.raises(AssertionError, match=r"(?i)issuer.*mismatch|mismatch.*issuer"):
        asyncio.run(visited.by(client))
    assert visited.of("/oauth-authorization-server")
    assert not visited.of("/register")


def test_the_typescript_sdk_takes_the_faithful_issuer() -> None:
    visited = Visited("atlassian-2025-08", Choices("faithful"))
    assert_walked(asyncio.run(visited.by("typescript")), visited.profile)
