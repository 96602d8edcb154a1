"""Decides which exchanges belong to one MCP session.

What holds a session together depends on the transport:

- streamable HTTP: the server's `Mcp-Session-Id`, given in the answer to `initialize` and repeated
  by the client. A server may do without (2025-03-26, "Session Management"): then it is the same
  client, with the same grant, at the same endpoint, from its `initialize` on.
- HTTP+SSE (2024-11-05): the URL in the first event, `endpoint`, of a GET stream. The client posts
  there, and the answers come on the stream.
- sessionless (2026-07-28): every POST stands alone. The same client with the same grant at the same
  endpoint counts as one session.

A client is told from others by its connection, else by its `User-Agent`. What it tried before the
session came about (without a token, with another transport) belongs to the session; attempts that
led nowhere form groups without a transport.
"""

from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from wiretape.recorder.log.asks import Address, Ask, Principal
from wiretape.recorder.log.exchanges import Exchange, Hops

type Transport = Literal["streamable", "sse", "sessionless"]
type Who = tuple[object, ...]
"""A client at an endpoint, as far as it can be told from others."""


@dataclass(eq=False)
class Group:
    """The chains of hops that are one session; `id` is the server's name for it.

    `start` is the line from which on the session exists; attempts have come before it.
    """

    transport: Transport | None
    id: str | None
    endpoint: str
    start: int
    chains: list[Hops] = field(default_factory=list)


def group(chains: Iterable[Hops], principal: Callable[[Exchange], Principal]) -> list[Group]:
    """Group what clients asked, given in the order of its lines; leaves out what is not MCP."""
    grouping = _Grouping()
    for chain in chains:
        grouping.place(Ask(chain, principal(chain[-1])))
    return grouping.result()


class _Grouping:
    """Places one chain after the other."""

    def __init__(self) -> None:
        self._clients: dict[Group, set[Who]] = {}
        self._by_id: dict[tuple[str, str], Group] = {}
        self._by_address: dict[Address, Group] = {}
        self._by_client: dict[Who, Group] = {}
        self._attempts: list[Ask] = []

    def place(self, ask: Ask) -> None:
        """Find or found the session of the next chain; or keep it as an attempt."""
        group = self._find(ask) or self._found(ask)
        if group is not None:
            group.chains.append(ask.chain)
            self._clients[group].update(_marks(ask))
        elif ask.is_mcp:
            self._attempts.append(ask)

    def result(self) -> list[Group]:
        """Give all groups in the order of their first lines, the attempts now placed."""
        founded: dict[Who, list[Group]] = {}
        for group, clients in self._clients.items():
            for who in clients:
                founded.setdefault(who, []).append(group)
        failed: dict[Who, Group] = {}
        for ask in self._attempts:
            agent = _marks(ask)[-1]
            led_to = _next(founded, ask) or failed.get(agent)
            if led_to is None:
                led_to = failed[agent] = Group(None, None, ask.endpoint, ask.line)
            led_to.chains.append(ask.chain)
        groups = [*self._clients, *failed.values()]
        for group in groups:
            group.chains.sort(key=_first_line)
        return sorted(groups, key=lambda group: _first_line(group.chains[0]))

    def _find(self, ask: Ask) -> Group | None:
        """Find the session that it belongs to, among those there are."""
        for address in ask.addresses:
            if address in self._by_address:
                return self._by_address[address]
        if ask.initializes:
            return None
        if ask.session_id is not None:
            return self._by_id.get((ask.origin, ask.session_id))
        for who in _known_as(ask):
            if group := self._by_client.get(who):
                self._bind(ask, group)
                return group
        return None

    def _found(self, ask: Ask) -> Group | None:
        """Found a session, if this is how one begins, or how one goes on that began unrecorded."""
        if address := ask.post_address:
            session_id = next((value for _, value in address.parameters), None)
            group = self._by_address[address] = self._new("sse", session_id, ask)
            return group
        session_id = ask.given_id if ask.initializes else ask.session_id
        if ask.accepted if ask.initializes else session_id:
            group = self._new("streamable", session_id, ask)
        elif ask.sent and ask.accepted:
            group = self._new("sessionless" if ask.sessionless else "streamable", None, ask)
        else:
            return None
        if session_id is None:
            self._bind(ask, group)
        else:
            self._by_id[ask.origin, session_id] = group
        return group

    def _new(self, transport: Transport, session_id: str | None, ask: Ask) -> Group:
        group = Group(transport, session_id, ask.endpoint, ask.line)
        self._clients[group] = set()
        return group

    def _bind(self, ask: Ask, group: Group) -> None:
        """Know the client of a session without an id again; once it has a token, only with it."""
        for who in _identities(ask):
            if self._by_client.get(key := (None, *_scope(ask), *who)) is group:
                del self._by_client[key]
        for who in _identities(ask):
            self._by_client[ask.principal, *_scope(ask), *who] = group


def _scope(ask: Ask) -> Who:
    return (ask.endpoint, ask.sessionless)


def _identities(ask: Ask) -> list[Who]:
    """Give what tells the client from others, the surest first."""
    agent = ("agent", ask.agent)
    if not ask.sessionless:
        return [("connection", ask.connection), agent]
    return [("client", ask.agent, ask.client_name), agent] if ask.client_name else [agent]


def _known_as(ask: Ask) -> list[Who]:
    """Give under which keys its session may be known: with its token, or from before it had one."""
    identities = _identities(ask)[:1] if ask.sessionless else _identities(ask)
    return [
        (principal, *_scope(ask), *who)
        for principal in dict.fromkeys((ask.principal, None))
        for who in identities
    ]


def _marks(ask: Ask) -> tuple[Who, Who]:
    """Give by what an attempt and the session that came of it are known to be one client's."""
    return (ask.endpoint, "connection", ask.connection), (ask.endpoint, "agent", ask.agent)


def _next(founded: dict[Who, list[Group]], ask: Ask) -> Group | None:
    """Find the first session that the client of an attempt had afterwards."""
    for mark in _marks(ask):
        groups = founded.get(mark, [])
        after = bisect(groups, ask.line, key=lambda group: group.start)
        if after < len(groups):
            return groups[after]
    return None


def _first_line(chain: Hops) -> int:
    return chain[0].lines.request
