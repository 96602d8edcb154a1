"""A request while it is answered: what it is for, whose it is, which faults strike it."""

from dataclasses import dataclass, replace
from functools import partial

from wiretape.analysis.profile.model import Role
from wiretape.replay.arming import Aim
from wiretape.replay.fault import GUARDED, Lines
from wiretape.replay.http.bearer import token
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.journal import Entry
from wiretape.replay.mcp.sessions import Session
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.parameters import of_body
from wiretape.replay.oauth.tokens import Grant, public
from wiretape.replay.world import World


@dataclass(slots=True)
class Visit:
    """A request with its entry in the journal, and the faults that are aimed at it.

    `owner` is the grant whose token or code it came with, `grant` the one whose token was accepted.
    The answer takes so many seconds by itself, without faults.
    """

    ask: Ask
    role: Role
    entry: Entry
    owner: Grant | None = None
    grant: Grant | None = None
    session: Session | None = None
    aims: tuple[Aim, ...] = ()
    takes: float = 0

    @property
    def number(self) -> int | None:
        """The number of the grant that it is made on."""
        return None if self.grant is None else self.grant.number

    def instead(self) -> Reply | None:
        """Give the reply that a fault has instead of the service's."""
        reply = None
        for aim in self.aims:
            before = aim.fault.before
            if before is not None and aim.hits(free=reply is None):
                reply = before(aim.strike)
        return reply

    def said(self, lines: Lines) -> Lines:
        """Give the messages as faults let them be sent."""
        for aim in self.aims:
            if aim.fault.said is not None and aim.hits():
                lines = aim.fault.said(aim.strike, lines)
        return lines

    def late(self, reply: Reply | None = None) -> float:
        """Tell how many seconds later than it could an answer comes, or a reply."""
        seconds = self.takes
        for aim in self.aims:
            late, concerned = aim.fault.late, reply is None or aim.fault.only(reply)
            if late is not None and concerned and aim.hits():
                seconds += late(aim.strike)
        return seconds

    def after(self, reply: Reply) -> Reply:
        """Give the reply as faults let it be sent."""
        if not self.aims and not self.takes:
            return reply
        if self.role != "message":  # there the answer comes on the session's stream
            reply = replace(reply, delay=reply.delay + self.late(reply))
        for aim in self.aims:
            fault = aim.fault
            if fault.after is not None and fault.only(reply) and aim.hits():
                reply = fault.after(aim.strike, reply)
        for aim in self.aims:
            flow, concerned = aim.fault.flow, reply.is_event_stream and aim.fault.only(reply)
            if flow is not None and concerned and aim.hits():
                reply = reply.flowing(partial(flow, aim.strike))
        return reply


def visit(ask: Ask, role: Role, world: World) -> Visit:
    """Enter a request into the journal."""
    entry = world.journal.begin(world.clock.now(), ask.method, ask.site + ask.path, role)
    shown, grant = None, None
    if role in GUARDED:
        shown = token(ask)
        grant = world.state.lineages.owner(shown or "")
        if ask.method == "POST":
            entry.operation, entry.rpc_id = _called(ask)
    elif role == "token":
        given = _parameters(ask)
        entry.operation = given.get("grant_type", "")
        shown = given.get("refresh_token")
        grant = world.state.owner(shown, given.get("code"))
    if grant is not None:
        entry.user, entry.lineage = grant.subject, grant.number
        entry.token_id = None if shown is None else public(shown)
    return Visit(ask, role, entry, grant)


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
