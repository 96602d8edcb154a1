"""Follows a client through the recorded dialogues: which of several answers is next for it.

A session of a client is taken for the recorded session with which it has the most calls in common,
of those which not all sessions have; if several have as many, for the one it has followed so far,
at first for one that the fewest follow. It gets that session's answers where that has some. An
answer that comes again and again comes in the recorded order; then the last stays.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from wiretape.replay.recorded.index import Found
from wiretape.replay.recorded.interaction import Interaction

_KEPT = 10_000
"""How many sessions of clients are followed at once; of more the ones idle longest are not."""


@dataclass(slots=True)
class Follower:
    """A client's session; `at` is the recorded one that it follows.

    `common` counts calls in common by recorded session, `turns` how often the same was asked.
    """

    at: int | None = None
    common: dict[int, int] = field(default_factory=dict)
    turns: dict[object, int] = field(default_factory=dict)


class Followers:
    """All sessions of clients, by whatever tells them apart."""

    def __init__(self) -> None:
        self._by_key: OrderedDict[object, Follower] = OrderedDict()
        self._count: dict[int, int] = {}

    def begin(self, key: object) -> None:
        """Let a session begin anew."""
        self._leave(self._by_key.pop(key, None))

    def forget(self) -> None:
        """Forget all."""
        self._by_key.clear()
        self._count.clear()

    def next(self, key: object, found: Found, *, once: bool = False) -> Interaction | None:
        """Give the answer that is next for the client; with `once` none comes twice."""
        follower = self._by_key.get(key)
        if follower is None:
            follower = self._by_key[key] = Follower()
            if len(self._by_key) > _KEPT:
                self._leave(self._by_key.popitem(last=False)[1])
        else:
            self._by_key.move_to_end(key)
        session = self._session(follower, found)
        answers = found.by_session[session]
        turn = follower.turns.get(found.key, 0)
        follower.turns[found.key] = turn + 1
        if turn >= len(answers) and once:
            return None
        return answers[min(turn, len(answers) - 1)]

    def _session(self, follower: Follower, found: Found) -> int:
        there = found.by_session
        if found.telling:
            for session in there:
                follower.common[session] = follower.common.get(session, 0) + 1
        elif follower.at is not None:
            return follower.at
        best = max(there, key=lambda session: self._fit(follower, session))
        before = follower.at
        if before is None or self._fit(follower, best) > self._fit(follower, before):
            self._leave(follower)
            follower.at = best
            self._count[best] = self._count.get(best, 0) + 1
        return best

    def _fit(self, follower: Follower, session: int) -> tuple[int, bool, int, int]:
        follows = session == follower.at
        return (follower.common.get(session, 0), follows, -self._count.get(session, 0), -session)

    def _leave(self, follower: Follower | None) -> None:
        if follower is not None and follower.at is not None:
            self._count[follower.at] -= 1
            follower.at = None
