"""Plays recorded answers to the clients of one service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wiretape.replay.http.messages import encoded
from wiretape.replay.journal import Miss
from wiretape.replay.recorded.following import Followers
from wiretape.replay.recorded.index import Index, Match
from wiretape.replay.recorded.interaction import (
    USES,
    Aside,
    Interaction,
    members,
    name_of,
)
from wiretape.replay.recorded.missing import failure, miss
from wiretape.replay.recorded.normal import Params
from wiretape.replay.recorded.reading import HANDSHAKE

_NEVER_GUESSED = USES | {"completion/complete"}
"""Methods whose answers nobody can guess from what else is known of a service."""


@dataclass(frozen=True)
class Matching:
    """How recorded calls are matched: by default, and by the tool's, prompt's or method's name."""

    default: Match = "params"
    by_name: Mapping[str, Match] = field(default_factory=dict)

    def of(self, method: str, name: str | None) -> Match:
        """Tell how a call is matched."""
        if not self.by_name:
            return self.default
        return self.by_name.get(name or method) or self.by_name.get(method) or self.default


BY_PARAMS = Matching()


class Played(NamedTuple):
    """What is said to a request; `matched` is where it is recorded, else there is a `miss`."""

    answer: bytes
    status: int = 200
    latency: float = 0
    matched: str | None = None
    miss: Miss | None = None
    asides: tuple[Aside, ...] = ()


class Player:
    """Answers as was recorded; knows which client is where, and what was played already.

    What nothing recorded answers is a miss, unless it `leaves` that to others.
    """

    def __init__(
        self, index: Index, matching: Matching, leaves: Callable[[str, Params], bool]
    ) -> None:
        self.misses = 0
        self._index = index
        self._matching = matching
        self._leaves = leaves
        self._followers = Followers()
        self._played = bytearray(len(index.interactions))

    def forget(self) -> None:
        """Forget how far clients are."""
        self._followers.forget()

    def unplayed(self) -> tuple[Interaction, ...]:
        """Give what was recorded and never asked."""
        pairs = zip(self._index.interactions, self._played, strict=True)
        return tuple(each for each, played in pairs if not played)

    def play(self, client: object, message: Mapping[str, Any]) -> Played | None:
        """Answer a request of a client's session; None for what is not answered from recordings."""
        method, params = message["method"], members(message.get("params"))
        if method in HANDSHAKE:
            if method == "initialize":
                self._followers.begin(client)
            return None
        match = self._matching.of(method, name_of(method, params))
        found = self._find(client, method, params, match)
        if found is None:
            if method not in _NEVER_GUESSED or self._leaves(method, params):
                return None
            return self._missed(message, method, params, match)
        each, like = found
        self._played[each.number] = True
        number = message.get("id")
        answer = each.answer_like(number, params) if like else each.answer(number)
        asides = each.asides_like(params) if like else each.asides
        return Played(answer, each.status, each.latency, each.place, asides=asides)

    def _find(
        self, client: object, method: str, params: Params, match: Match
    ) -> tuple[Interaction, bool] | None:
        try:
            found = self._index.find(method, params, match)
        except RecursionError:
            return None
        if found is None:
            return None
        each = self._followers.next(client, found, once=match == "sequence")
        return None if each is None else (each, found.like)

    def _missed(
        self, message: Mapping[str, Any], method: str, params: Params, match: Match
    ) -> Played:
        self.misses += 1
        found = miss(self._index, method, params, match)
        said = {"jsonrpc": "2.0", "id": message.get("id"), "error": failure(found)}
        return Played(encoded(said), miss=found)
