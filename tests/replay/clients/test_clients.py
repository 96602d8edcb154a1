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
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.service import Choices

SERVICES: dict[str, tuple[Transport, str]] = {
    "atlassian-2025-08": ("sse", "2025-03-26"),
    "atlassian-2026-03": ("streamable-http", "2025-06-18"),
    "atlassian-2026-09": ("streamable-http", "2025-11-25"),
}
CALLS: tuple[tuple[str, dict[str, str]], ...] = (
    ("getVisibleJiraProjects", {"cloudId": "c"}),
    ("atlassianUserInfo", {}),
)

BY_OWN_CLOCK = ("mcp1", "mcp2", "fastmcp")
"""Clients that refresh before a request, if their own clock says that the token has expired.

After a 401 they authorize again, whatever refresh token they have (`async_auth_flow` of the Python
SDK's provider, which fastmcp inherits). So their tokens live for a second, and they wait; the
service's clock stands still until they refresh, lest the two disagree.
"""

BY_REFUSAL = ("typescript", "mcp-remote")
"""Clients that refresh after a 401: the service's clock jumps when they call for the last time.

mcp-remote also refreshes ahead, from a minute before the end of a token.
"""

STRICT = ("mcp1", "mcp2", "fastmcp", "mcp-remote")
"""Clients that want an issuer to be where its metadata was found (RFC 8414, 3.3)."""


class Exchange(NamedTuple):
    ask: Ask
    reply: Reply

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
    """A service whose clock stands still, and what it was asked.

    All tokens have expired when the first request comes that has `late` in its body.
    """

    def __init__(self, profile: str, choices: Choices, late: bytes | None = None) -> None:
        self.profile = profile
        self.choices = choices
        self.late = late
        self.exchanges: list[Exchange] = []

    async def by(self, client: str, *, waits: bool = False) -> Seen:
        """Have a client walk the service; raises AssertionError with all it said if it fails."""
        walk = Walk(SERVICES[self.profile][0], CALLS, refresh=waits)
        clock = Clock(rate=0)
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
            if self.late and self.late in ask.body:
                clock.advance(self.choices.expires_in or 0)
                self.late = None
            exchange = Exchange(ask, answer(ask))
            self.exchanges.append(exchange)
            return exchange.reply

        at.service.answer = noted  # type: ignore[method-assign]  # to listen at it


def assert_walked(seen: Seen, profile: str) -> None:
    assert seen.protocol == SERVICES[profile][1]
    assert len(seen.tools) == 24
    assert [result.partition(":")[0] for result in seen.results] == [name for name, _ in CALLS]


@pytest.mark.parametrize("profile", SERVICES)
@pytest.mark.parametrize("client", [*BY_OWN_CLOCK, *BY_REFUSAL])
def test_a_client_authorizes_calls_and_lives_through_expiry(client: str, profile: str) -> None:
    waits = client in BY_OWN_CLOCK
    late = b"grant_type=refresh_token" if waits else CALLS[-1][0].encode()
    visited = Visited(profile, Choices("consistent", expires_in=1 if waits else 3300), late)
    assert_walked(asyncio.run(visited.by(client, waits=waits)), profile)

    assert [each.reply.status for each in visited.of("/register")] == [201]
    for each in visited.of("/authorize"):
        assert each.parameters["code_challenge_method"] == ["S256"]
        assert each.reply.status == 302
    first, *later = (each.parameters["grant_type"] for each in visited.of("/token"))
    assert first == ["authorization_code"]
    assert later
    assert all(grant == ["refresh_token"] for grant in later)
    calls = [each for each in visited.exchanges if b'"tools/call"' in each.ask.body]
    tokens = [each.ask.headers["authorization"] for each in calls if each.reply.status < 300]
    assert len(tokens) == len(set(tokens)) == len(CALLS)
    refused = [each.reply.status for each in calls if each.reply.status >= 300]
    assert refused == ([] if waits else [401])


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
