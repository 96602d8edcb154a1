"""Where an answer comes from: a recording, the profile, or nowhere, so that it is assumed."""

from typing import NamedTuple

from wiretape.replay.http.messages import encoded
from wiretape.replay.mcp.acting import Act, Line, acts
from wiretape.replay.mcp.offers import is_assumed
from wiretape.replay.mcp.rpc import Message, Said, answer, refused
from wiretape.replay.oauth.sites import site_of
from wiretape.replay.visit import Visit
from wiretape.replay.world import World

_SESSION = "mcp-session-id"


class Answered(NamedTuple):
    """What is said to a message; `status` is that of HTTP, where it is the body."""

    act: Act
    status: int = 200


def answered(visit: Visit, message: Message, world: World) -> Answered | None:
    """Answer a message, and enter whence; None where there is nothing to say."""
    return (
        _unauthorized(visit, message, world)
        or _misplaced(visit, message, world)
        or _recorded(visit, message, world)
        or _known(visit, message, world)
    )


def _recorded(visit: Visit, message: Message, world: World) -> Answered | None:
    player = world.player
    if player is None or not _is_call(message):
        return None
    played = player.play(_client(visit), message)
    if played is None:
        return None
    visit.entry.matched = played.matched
    if played.miss is not None:
        world.journal.missed(visit.entry, played.miss)
    if played.asides:
        one_stream = visit.role == "message"
        params, pace = message.get("params"), world.pace
        act = acts(played, params, visit.session, one_stream=one_stream, pace=pace)
        return Answered(act, played.status)
    visit.takes = played.latency * world.pace
    return Answered(Act((Line(played.answer),)), played.status)


def _unauthorized(visit: Visit, message: Message, world: World) -> Answered | None:
    """Refuse a tool's use with a token that is not good, where nothing else looks at tokens."""
    known = world.profile.tools.unauthorized
    if known is None or visit.grant is not None or not _is_use(message):
        return None
    return _denied(visit, refused(message, known))


def _misplaced(visit: Visit, message: Message, world: World) -> Answered | None:
    """Refuse a tool's use that is not for a site of the token's user, where sites are named."""
    header = world.profile.transport.site.header
    if header is None or not _is_use(message):
        return None
    visit.entry.site = _site(visit.ask.headers.get(header.lower()), visit, world)
    if visit.entry.site == "good":
        return None
    return _denied(visit, refused(message, world.profile.transport.site.refused))


def _denied(visit: Visit, said: Said) -> Answered:
    visit.entry.matched = "profile"
    return Answered(Act((Line(encoded(said.message)),)), said.status)


def _site(named: str | None, visit: Visit, world: World) -> str:
    """Tell what a named site is worth; whose it is is known where tokens are issued."""
    if not named:
        return "no site"
    issued = world.profile.endpoints.token is not None and visit.grant is not None
    own = visit.grant is None or named == site_of(visit.grant.subject)
    return "foreign site" if issued and not own else "good"


def _known(visit: Visit, message: Message, world: World) -> Answered | None:
    said = answer(message, world.profile)
    if said is None:
        return None
    visit.entry.matched = "assumed" if is_assumed(said.message) else "profile"
    if world.pace:
        known = world.profile.latency.method.get(str(message.get("method")))
        visit.takes = known.p50 / 1000 * world.pace if known is not None else 0
    return Answered(Act((Line(encoded(said.message)),)), said.status)


def _is_call(message: Message) -> bool:
    number = message.get("id")
    return (
        message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and isinstance(number, str | int | float)
        and not isinstance(number, bool)
    )


def _is_use(message: Message) -> bool:
    return message.get("method") == "tools/call" and _is_call(message)


def _client(visit: Visit) -> object:
    """Tell whose session it is: by its id, in a header or the URL; else by the grant and agent."""
    ask = visit.ask
    if visit.role == "message":
        return (ask.path, ask.query)
    id_ = ask.headers.get(_SESSION)
    return (visit.number, ask.headers.get("user-agent")) if id_ is None else id_
