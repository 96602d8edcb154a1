"""Recordings of a bridge to Atlassian: an OAuth server to its clients, a client of Atlassian.

Its access tokens are JWTs around the upstream's, its transport is streamable HTTP. As it is, it
differs from the official service in ways that break clients; mended, in those that do not matter.
"""

from our_bridge.bridge import Bridge
from our_bridge.session import Session
from play import Play
from visitor import Visitor


def our_bridge() -> Play:
    """Record the bridge as it is."""
    return _record(mended=False)


def mended_bridge() -> Play:
    """Record the bridge with everything put right that breaks clients."""
    return _record(mended=True)


def _record(*, mended: bool) -> Play:
    play = Play()
    bridge = Bridge(play, mended=mended)
    _probe(bridge, _visitor(bridge, "wiretape-probe", "wiretape-probe", "p1"))
    name = "Visual Studio Code"
    _work(bridge, _visitor(bridge, name, f"{name}/1.103.2", "v1"))
    return play


def _visitor(bridge: Bridge, name: str, agent: str, on: str) -> Visitor:
    redirect_uri = "http://localhost:8765/oauth/callback"
    return Visitor(bridge.play, name, agent, on, redirect_uri=redirect_uri, scope=bridge.scope)


def _probe(bridge: Bridge, visitor: Visitor) -> None:
    """Walk through the token's whole life."""
    with visitor.step("challenge"):
        visitor.knock(bridge)
    with visitor.step("discovery"):
        visitor.discover(bridge)
    with visitor.step("registration"):
        visitor.register(bridge)
    with visitor.step("authorize"):
        visitor.authorize(bridge)
    with visitor.step("token"):
        visitor.exchange(bridge)
    ends = bridge.play.now.timestamp() + bridge.lifetime
    with visitor.step("connect"):
        session = Session(bridge, visitor)
    with visitor.step("lists"):
        session.list_tools("tools/list, page 1", 2)
    with visitor.step("calls"):
        session.call_tool("tools/call 1", 3)
    with visitor.step("cors"):
        visitor.preflights(bridge)
    with visitor.step("lifecycle"):
        for number, seconds, label in ((4, -5, "just before"), (5, 16, "16 s after")):
            bridge.play.later(ends + seconds - bridge.play.now.timestamp())
            session.list_tools(f"{label} the end", number)
    if visitor.refresh_token is None:
        visitor.leave_out("refresh", "needs refresh token")
        return
    with visitor.step("refresh"):
        visitor.refresh(bridge)
        session.list_tools("with the renewed token", 6)


def _work(bridge: Bridge, visitor: Visitor) -> None:
    """Work as an editor does, past the token's end, as long as there is a way to a new one."""
    bridge.refuse(visitor.post("", bridge.endpoint, visitor.hello()), "POST", "no token")
    visitor.sign_in(bridge)
    session = Session(bridge, visitor)
    session.listen()
    session.list_tools("", 2)
    for number in (3, 5):
        bridge.play.later(bridge.lifetime + 20)
        session.call_tool("", number)
        if visitor.refresh_token is not None:
            visitor.refresh(bridge)
        else:
            visitor.authorize(bridge)
            if visitor.code is None:
                return
            visitor.exchange(bridge)
        session.call_tool("", number + 1)
    session.leave()
