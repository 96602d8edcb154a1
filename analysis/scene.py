"""The scene: which route plays which role, and who the clients are. Observers conclude with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.seen import Seen, route
from wiretape.analysis.turns import Turn
from wiretape.recorder.log import oauth
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.jsonrpc import spoken
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.urls import join, origin

type Role = Literal["mcp", "sse", "message", "other"] | oauth.Step
"""`mcp` is a streamable HTTP endpoint, `sse` where HTTP+SSE streams come from, `message` where its
clients post to; the others are steps of OAuth."""


@dataclass(frozen=True)
class Scene:
    """Roles by route, and what clients call themselves by their User-Agent."""

    roles: Mapping[str, Role]
    names: Mapping[str, str]

    def role(self, route: str) -> Role:
        """Tell which role a route plays."""
        return self.roles.get(route, "other")

    def routes(self, role: Role) -> tuple[str, ...]:
        """Give the routes that play a role, in the order in which they were seen."""
        return tuple(route for route, played in self.roles.items() if played == role)

    @property
    def services(self) -> tuple[str, ...]:
        """Give the hosts, with their ports, that have MCP endpoints; http or https is the same."""
        spoken = (*self.routes("mcp"), *self.routes("sse"))
        return tuple(dict.fromkeys(origin(route).partition("://")[2] for route in spoken))

    def client(self, agent: str) -> str:
        """Name a client by what it said at `initialize`, else by its User-Agent."""
        return self.names.get(agent) or agent or "a client without User-Agent"


def exchange(seen: Seen) -> Iterator[Fact]:
    """Note which roles the exchange speaks for."""
    if seen.step is not None:
        yield Fact(("role", seen.route, seen.step))
    stream = seen.stream
    if stream is not None and stream.first_name == "endpoint" and seen.method == "GET":
        yield Fact(("role", seen.route, "sse"))
        yield Fact(("role", route(join(seen.url, stream.first_data or "")), "message"))
    elif seen.is_mcp:
        served = seen.said and seen.status is not None and 200 <= seen.status < 300
        if served or _speaks_mcp(seen):
            yield Fact(("role", seen.route, "mcp" if served else "asked"))


def _speaks_mcp(seen: Seen) -> bool:
    """Tell whether it is more than a GET for an event stream, which may be anybody's."""
    sent, given = seen.sent, seen.given
    return (
        bool(seen.said)
        or "mcp-session-id" in sent
        or "mcp-protocol-version" in sent
        or "mcp-session-id" in given
        or (given.get("www-authenticate") or "").lower().startswith("bearer")
        or (seen.status not in {200, 202, 204} and bool(spoken(seen.body)))
    )


def turn(turn: Turn) -> Iterator[Fact]:
    """Note what a client calls itself."""
    if turn.by != "client":
        return
    params = fields(turn.params)
    info = params.get("clientInfo") if turn.method == "initialize" else None
    if info is None and turn.revision is not None and "_meta" in params:
        info = fields(params["_meta"]).get(CLIENT_INFO)
    told = fields(info)
    if name := text(told.get("name")):
        version = text(told.get("version")) or ""
        called = f"{name} {version}".strip()
        yield Fact(("client", turn.outcome == "result", turn.client), called)


_RANK = ("message", "sse", "mcp", *oauth.Step.__value__.__args__, "asked")


def scene(facts: Facts) -> Scene:
    """Decide who plays what: a route that was seen in several roles plays the first of `_RANK`."""
    best: dict[str, str] = {}
    for (place, role), _ in facts.of("role"):
        best[place] = min(best.get(place, role), role, key=_RANK.index)
    roles = {place: "mcp" if role == "asked" else role for place, role in best.items()}
    names = {
        agent: tally.value
        for answered in (False, True)  # what only tries a transport may have another name
        for (agent,), tally in facts.of("client", answered)
    }
    return Scene(roles, names)  # type: ignore[arg-type]  # the ranks are roles
