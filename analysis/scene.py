"""The scene: which route plays which role, and who the clients are. Observers conclude with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec import UNSET

from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.traffic.seen import Seen, route
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log import oauth
from wiretape.recorder.log.asks import CLIENT_INFO
from wiretape.recorder.log.jsonrpc import Call, spoken
from wiretape.recorder.log.raw import fields, items, text
from wiretape.recorder.log.urls import join, origin

type Role = Literal["mcp", "sse", "message", "resources", "other"] | oauth.Step
"""`mcp` is a streamable HTTP endpoint, `sse` where HTTP+SSE streams come from, `message` where its
clients post to, `resources` where clients learn which sites a token opens; the others are steps of
OAuth."""

_MCP: frozenset[Role] = frozenset({"mcp", "sse", "message"})
_OF_A_SITE = {"id", "url", "scopes"}
"""What Atlassian's accessible-resources tells of each site, besides its name."""


@dataclass(frozen=True)
class Scene:
    """The roles that each route plays, and what clients call themselves by their User-Agent.

    At the routes `missed` MCP was looked for, and nothing was ever there.
    """

    played: Mapping[str, tuple[Role, ...]]
    names: Mapping[str, str]
    missed: frozenset[str] = frozenset()

    @property
    def roles(self) -> Mapping[str, Role]:
        """The first role of each route."""
        return {route: played[0] for route, played in self.played.items()}

    def role(self, route: str) -> Role:
        """Tell which role a route plays; the first, if it plays several."""
        return self.plays(route)[0]

    def plays(self, route: str) -> tuple[Role, ...]:
        """Give all roles of a route: a service may have both transports at one URL.

        What is asked at the other spelling of a trailing slash is meant for the same.
        """
        return self.played.get(route) or self.played.get(_respelt(route), ("other",))

    def routes(self, role: Role) -> tuple[str, ...]:
        """Give the routes that play a role, in the order in which they were seen."""
        return tuple(route for route, played in self.played.items() if role in played)

    def speaks_mcp(self, route: str) -> bool:
        """Tell whether what is said at a route in JSON-RPC is MCP, and not somebody else's."""
        return not _MCP.isdisjoint(self.plays(route))

    @property
    def services(self) -> tuple[str, ...]:
        """Give the hosts, with their ports, that have MCP endpoints; http or https is the same."""
        looked_for = (*self.routes("mcp"), *self.routes("sse"))
        spoken = [route for route in looked_for if route not in self.missed]
        hosts = (origin(route).partition("://")[2] for route in spoken or looked_for)
        return tuple(dict.fromkeys(hosts))

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
    elif seen.is_mcp and _speaks_mcp(seen):
        yield Fact(("role", seen.route, _sureness(seen)))
    elif _lists_sites(seen):
        yield Fact(("role", seen.route, "resources"))


def _lists_sites(seen: Seen) -> bool:
    """Tell whether a token's owner was told which sites it opens."""
    if seen.method != "GET" or seen.bearer is None or seen.status != 200 or seen.body is None:
        return False
    told = None if seen.body.json is UNSET else seen.body.json
    return any(fields(item).keys() >= _OF_A_SITE for item in items(told)[:1])


def _sureness(seen: Seen) -> str:
    """Tell how sure it is that this is streamable HTTP: answered with a session it is, answered
    with 200 it may also be posted to by clients of HTTP+SSE, and otherwise it is only asked, or
    missed."""
    served = seen.said and seen.status is not None and 200 <= seen.status < 300
    if served and "mcp-session-id" in seen.given:
        return "mcp"
    called = any(isinstance(said, Call) for said in seen.said)
    if called and seen.status == 200:
        return "answers"
    absent = seen.status in {404, 410} and "mcp-session-id" not in seen.sent
    return "missed" if absent else "asked"


_METHODS = ("initialize", "ping", "server/discover")
_AREAS = (
    "completion/",
    "elicitation/",
    "logging/",
    "notifications/",
    "prompts/",
    "resources/",
    "roots/",
    "sampling/",
    "subscriptions/",
    "tasks/",
    "tools/",
)


def _is_mcp(method: str | None) -> bool:
    return method is not None and (method in _METHODS or method.startswith(_AREAS))


def _speaks_mcp(seen: Seen) -> bool:
    """Tell whether it is more than JSON-RPC or a GET for an event stream, which may be anybody's.

    What is said in JSON-RPC must be of MCP, and what is not said at all answered as MCP is.
    """
    sent, given = seen.sent, seen.given
    if "mcp-session-id" in given or any(name.startswith("mcp-") for name in sent.positions):
        return True
    if seen.said:
        return any(_is_mcp(said.method) for said in seen.said)
    return (given.get("www-authenticate") or "").lower().startswith("bearer") or (
        seen.status not in {200, 202, 204} and bool(spoken(seen.body))
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
        called = f"{name[:_SHORT]} {version[:_SHORT]}".strip()
        yield Fact(("client", turn.outcome == "result", turn.client, called), keep=1)


_SHORT = 200
_NAMED = 3
_ASKED = frozenset({"asked", "missed"})
_RANK: tuple[Role, ...] = ("mcp", "message", "sse", "resources", *oauth.Step.__value__.__args__)


def scene(facts: Facts) -> Scene:
    """Decide who plays what, and what clients are called."""
    seen: dict[str, set[str]] = {}
    for (place, role), _ in facts.of("role"):
        seen.setdefault(place, set()).add(role)
    names: dict[str, str] = {}
    for answered in (False, True):  # what only tries a transport may have another name
        called: dict[str, list[str]] = {}
        for (agent, name), _ in facts.of("client", answered):
            called.setdefault(agent, []).append(name)
        names |= {agent: _together(each) for agent, each in called.items()}
    played = {
        place: _played(roles)
        for place, roles in seen.items()
        if not roles <= _ASKED or seen.get(_respelt(place), roles) <= _ASKED
    }
    missed = frozenset(place for place in played if seen[place] == {"missed"})
    return Scene(played, names, missed)


def _respelt(route: str) -> str:
    """Give the other spelling of a trailing slash."""
    return route[:-1] if route.endswith("/") else f"{route}/"


def _played(seen: set[str]) -> tuple[Role, ...]:
    """Give the roles in which a route was seen, in the order of `_RANK`."""
    answers = "answers" in seen and "message" not in seen
    sure = seen | {"mcp"} if answers else seen
    return tuple(role for role in _RANK if role in sure) or ("mcp",)


def _together(names: list[str]) -> str:
    """Name clients of one User-Agent, such as `node`, which many have."""
    first, more = sorted(names)[:_NAMED], len(names) - _NAMED
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
