"""What a fault is: one way in which a service misbehaves, on demand; one file each.

A fault says which requests it concerns, and has hooks for the places where it can do harm:

    request ─► before ─► answered ─► said ─► after ─► flow ─► client
               a reply    (service)  lines   a reply  chunks
               instead               of JSON          of a stream

`arming` decides whom it strikes. Hooks know only their strike; what must last from one strike to
the next is in its `memory`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from wiretape.analysis.profile.model import Role
from wiretape.replay.journal import Entry
from wiretape.replay.messages import Ask, Chunks, Reply
from wiretape.replay.world import World

type Lines = tuple[bytes, ...]
"""JSON-RPC messages as they are sent, one each."""

MCP: frozenset[Role] = frozenset({"mcp", "sse", "message"})


class Options(BaseModel):
    """What can be chosen about a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Strike[Chosen: Options]:
    """A fault at one request."""

    fault: "Fault[Chosen]"
    world: World
    ask: Ask
    role: Role
    entry: Entry
    options: Chosen
    memory: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fault[Chosen: Options]:
    """One way to misbehave.

    `title` says what happens, `finds` which mistake of a client it brings to light. `armed` and
    `disarmed` are for what is not about requests.
    """

    title: str
    finds: str
    options: type[Chosen]
    concerns: Callable[[Ask, Role, Entry], bool] = lambda _ask, _role, _entry: True
    before: Callable[[Strike[Chosen]], Reply | None] | None = None
    said: Callable[[Strike[Chosen], Lines], Lines] | None = None
    after: Callable[[Strike[Chosen], Reply], Reply] | None = None
    flow: Callable[[Strike[Chosen], Chunks], Chunks] | None = None
    armed: Callable[[World], None] | None = None
    disarmed: Callable[[World], None] | None = None


def calls(ask: Ask, role: Role, entry: Entry) -> bool:
    """Tell whether a request is a JSON-RPC call that is answered, a handshake apart."""
    del ask
    handshake = {"initialize", "server/discover"}
    return role in MCP and entry.rpc_id is not None and entry.operation not in handshake


def at(*roles: Role) -> Callable[[Ask, Role, Entry], bool]:
    """Give what tells whether a request, other than a preflight, is for one of these roles."""
    return lambda ask, role, _entry: role in roles and ask.method != "OPTIONS"
