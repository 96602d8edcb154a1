"""Plays what a server said besides an answer, where it said it: before, after, and in between.

Ids of the server's calls are new, progress is told under the caller's token, and if the client
replied to a call before it was answered itself, then it is so again.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wiretape.replay.http.messages import decoded, encoded
from wiretape.replay.mcp.sessions import Asked, Session
from wiretape.replay.recorded.interaction import Aside, id_of, members
from wiretape.replay.recorded.player import Played


class Line(NamedTuple):
    """A message, and by how many seconds it comes later than it could."""

    data: bytes
    late: float = 0


class Act(NamedTuple):
    """What is said until the client has to reply, or until the end, where the answer is last.

    `elsewhere` is said on the session's stream, `after` after the answer. The `rest` comes when the
    client has replied to what it was `asked`.
    """

    lines: tuple[Line, ...]
    elsewhere: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    asked: Asked | None = None
    rest: "Act | None" = None


@dataclass
class _Part:
    """An act while it is put together."""

    lines: list[Line] = field(default_factory=list)
    elsewhere: list[Line] = field(default_factory=list)
    after: list[Line] = field(default_factory=list)
    asked: Asked | None = None

    def act(self, rest: Act | None) -> Act:
        """Give it, with what follows."""
        return Act(tuple(self.lines), tuple(self.elsewhere), tuple(self.after), self.asked, rest)


def acts(
    played: Played, params: Any, session: Session | None, *, one_stream: bool, pace: float
) -> Act:
    """Give what is said to a request with these parameters.

    With `one_stream` everything of the session is said there. Outside of sessions no calls are
    made: nobody could tell what a reply belongs to.
    """
    parts, since = [_Part()], 0.0
    meta = members(members(params).get("_meta"))
    for aside in played.asides:
        if aside.kind == "call":
            asked, data = _question(aside, session)
        else:
            asked, data = None, _spelt(aside, meta.get("progressToken"))
        if data is None:
            continue
        part = parts[-1]
        line = Line(data, max(0.0, aside.after - since) * pace)
        if one_stream or not (aside.session or aside.last):
            (part.after if aside.last else part.lines).append(line)
        else:
            part.elsewhere.append(line)
        if asked is not None and aside.until is not None and not aside.last:
            part.asked, since = asked, aside.until
            parts.append(_Part())
    parts[-1].lines.append(Line(played.answer, max(0.0, played.latency - since) * pace))
    act: Act | None = None
    for part in reversed(parts):
        act = part.act(act)
    assert act is not None
    return act


def _question(aside: Aside, session: Session | None) -> tuple[Asked | None, bytes | None]:
    if session is None:
        return None, None
    return session.question(aside.method, None if aside.params is None else decoded(aside.params))


def _spelt(aside: Aside, token: Any) -> bytes | None:
    """Write a notification; nothing of progress that nobody wants to know."""
    head = b'{"jsonrpc":"2.0","method":' + encoded(aside.method)
    if aside.kind == "note":
        return head + (b"}" if aside.params is None else b',"params":' + aside.params + b"}")
    if token is None or aside.params is None:
        return None
    rest = aside.params[1:] if aside.params == b"{}" else b"," + aside.params[1:]
    return head + b',"params":{"progressToken":' + id_of(token) + rest + b"}"
