"""A request while it is answered: what it is for, whose it is, which faults strike it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from wiretape.analysis.profile.model import Role
from wiretape.replay.bearer import token
from wiretape.replay.fault import MCP, Lines, Strike
from wiretape.replay.journal import Entry
from wiretape.replay.messages import Ask, Reply
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.parameters import of_body
from wiretape.replay.tokens import Grant
from wiretape.replay.world import World


@dataclass(slots=True)
class Visit:
    """A request with its entry in the journal. `grant` is the one whose token was accepted."""

    ask: Ask
    role: Role
    entry: Entry
    grant: Grant | None = None
    strikes: tuple[Strike[Any], ...] = ()

    @property
    def number(self) -> int | None:
        """The number of the grant that it is made on."""
        return None if self.grant is None else self.grant.number

    def instead(self) -> Reply | None:
        """Give the reply that a fault has instead of the service's."""
        for strike in self.strikes:
            if strike.fault.before is not None:
                reply = strike.fault.before(strike)
                if reply is not None:
                    return reply
        return None

    def said(self, lines: Lines) -> Lines:
        """Give the messages as faults let them be sent."""
        for strike in self.strikes:
            if strike.fault.said is not None:
                lines = strike.fault.said(strike, lines)
        return lines

    def after(self, reply: Reply) -> Reply:
        """Give the reply as faults let it be sent."""
        for strike in self.strikes:
            if strike.fault.after is not None:
                reply = strike.fault.after(strike, reply)
        for strike in self.strikes:
            if strike.fault.flow is not None and reply.is_event_stream:
                reply = reply.flowing(partial(strike.fault.flow, strike))
        return reply


def visit(ask: Ask, role: Role, world: World) -> Visit:
    """Enter a request into the journal."""
    entry = world.journal.begin(world.clock.now(), ask.method, ask.site + ask.path, role)
    grant = None
    if role in MCP:
        grant = world.state.lineages.owner(token(ask) or "")
        if ask.method == "POST":
            entry.operation, entry.rpc_id = _called(ask)
    elif role == "token":
        given = _parameters(ask)
        entry.operation = given.get("grant_type", "")
        grant = world.state.owner(given.get("refresh_token"), given.get("code"))
    if grant is not None:
        entry.user = grant.subject
    return Visit(ask, role, entry)


def _called(ask: Ask) -> tuple[str, str | int | None]:
    """Give the method of a message and its id."""
    try:
        message = ask.json
    except ValueError:
        return "", None
    if not isinstance(message, dict):
        return "batch" if isinstance(message, list) else "", None
    method, number = message.get("method"), message.get("id")
    return (
        method if isinstance(method, str) else "",
        number if isinstance(number, str | int) else None,
    )


def _parameters(ask: Ask) -> dict[str, str]:
    try:
        return of_body(ask)
    except OAuthError:
        return {}
