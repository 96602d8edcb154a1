"""What a fault is: one way in which a service misbehaves, on demand; one file each.

A fault says which requests it concerns, and has hooks for the places where it can do harm:

    request ─► before ─► answered ─► said ─► late ─► after ─► flow ─► client
               a reply    (service)  lines   seconds a reply  chunks
               instead               of JSON                  of a stream

`arming` decides whom it strikes, when the first of its hooks is reached: what never gets there, as
a call that is refused for its token, is not counted. Hooks know only their strike; what must last
from one strike to the next is in its `memory`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from wiretape.analysis.profile.model import Role
from wiretape.replay.http.messages import Ask, Chunks, Reply
from wiretape.replay.journal import Entry
from wiretape.replay.oauth.tokens import Grant
from wiretape.replay.world import World

type About = Literal[
    "discovery", "authorization", "tokens", "refusals", "transport", "streams", "answers"
]
"""The part of a service that a fault is about, in the order in which clients come by."""

type Lines = tuple[bytes, ...]
"""JSON-RPC messages as they are sent, one each."""

MCP: frozenset[Role] = frozenset({"mcp", "sse", "message"})
GUARDED: frozenset[Role] = MCP | {"resources"}
"""The routes that want a token."""


class Options(BaseModel):
    """What can be chosen about a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Strike[Chosen: Options]:
    """A fault at one request; `grant` is that of the token or code which the request came with.

    `dice` are the fault's own, seeded.
    """

    fault: "Fault[Chosen]"
    world: World
    ask: Ask
    role: Role
    entry: Entry
    grant: Grant | None
    options: Chosen
    memory: dict[str, Any] = field(repr=False)
    dice: random.Random = field(repr=False)


def always(_: object) -> bool:
    """Concern everything."""
    return True


@dataclass(frozen=True, kw_only=True)
class Fault[Chosen: Options]:
    """One way to misbehave.

    `title` says what happens, `finds` which mistake of a client it brings to light. `concerns`
    chooses among requests, `only` among the replies that `late`, `after` and `flow` are about; a
    `flow` is about event streams. `armed` and `disarmed` are for what is not about requests. It
    strikes so many `times` if nothing else is said.
    """

    about: About
    title: str
    finds: str
    options: type[Chosen]
    times: int | None = None
    concerns: Callable[[Strike[Chosen]], bool] = always
    only: Callable[[Reply], bool] = always
    before: Callable[[Strike[Chosen]], Reply | None] | None = None
    said: Callable[[Strike[Chosen], Lines], Lines] | None = None
    late: Callable[[Strike[Chosen]], float] | None = None
    after: Callable[[Strike[Chosen], Reply], Reply] | None = None
    flow: Callable[[Strike[Chosen], Chunks], Chunks] | None = None
    armed: Callable[[World], None] | None = None
    disarmed: Callable[[World], None] | None = None


def calls(strike: Strike[Any]) -> bool:
    """Concern JSON-RPC calls that are answered, handshakes apart."""
    entry, handshake = strike.entry, {"initialize", "server/discover"}
    return strike.role in MCP and entry.rpc_id is not None and entry.operation not in handshake


def at(*roles: Role, method: str | None = None) -> Callable[[Strike[Any]], bool]:
    """Concern requests for one of these roles, preflights apart, or those of one method."""
    return lambda strike: (
        strike.role in roles
        and (strike.ask.method != "OPTIONS" if method is None else strike.ask.method == method)
    )
