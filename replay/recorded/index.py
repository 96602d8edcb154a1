"""Finds the recorded calls that ask the same as a request."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from wiretape.replay.recorded.interaction import Interaction, name_of
from wiretape.replay.recorded.normal import (
    Params,
    Path,
    blanked,
    canonical,
    fickle,
    without_meta,
    without_token,
)

type Match = Literal["exact", "params", "method", "sequence"]
"""What recorded calls and a request have in common.

exact       the method and the parameters, those of `_meta` too
params      the method and the parameters, but for values that are fickle
method      the method, and what is used by its name; with equal parameters if there are such
sequence    the same, and the place among such calls of the session
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Recorded calls that ask the same, in their order, by session; `like`: not word for word.

    They are the same ones wherever `key` is. `telling`: not all sessions have such calls.
    """

    key: object
    by_session: Mapping[int, tuple[Interaction, ...]]
    like: bool
    telling: bool


@dataclass(slots=True)
class _Kind:
    """The calls of a method that use the same, in all ways in which they are looked for."""

    every: Found
    exact: dict[bytes, Found]
    same: dict[bytes, Found]
    like: dict[tuple[Path, ...], dict[bytes, Found]]


@dataclass(slots=True)
class _Draft:
    """The calls of a kind while they are collected."""

    every: list[Interaction] = field(default_factory=list)
    exact: dict[bytes, list[Interaction]] = field(default_factory=dict)
    same: dict[bytes, list[Interaction]] = field(default_factory=dict)
    like: dict[tuple[Path, ...], dict[bytes, list[Interaction]]] = field(default_factory=dict)


class Index:
    """All recorded calls, but those nested too deep."""

    def __init__(self, interactions: Iterable[Interaction]) -> None:
        self.interactions = tuple(interactions)
        self.sessions = len({each.session for each in self.interactions})
        drafts: dict[tuple[str, str | None], _Draft] = {}
        for each in self.interactions:
            _add(drafts.setdefault((each.method, each.name), _Draft()), each)
        self._kinds = {key: self._kind(draft) for key, draft in drafts.items()}

    def find(self, method: str, params: Params, match: Match) -> Found | None:
        """Find what is asked, if it was. Raises RecursionError if it is nested too deep."""
        kind = self._kinds.get((method, name_of(method, params)))
        if kind is None:
            return None
        match match:
            case "sequence":
                return kind.every
            case "exact":
                return kind.exact.get(canonical(without_token(params)))
        asked = without_meta(params)
        found = kind.same.get(canonical(asked))
        for paths, known in kind.like.items():
            found = found or known.get(canonical(blanked(asked, paths)))
        return found or (kind.every if match == "method" else None)

    def alike(self, method: str, params: Params) -> Iterator[Interaction]:
        """Give the calls of the method that use the same; else all of the method."""
        kind = self._kinds.get((method, name_of(method, params)))
        if kind is not None:
            return chain.from_iterable(kind.every.by_session.values())
        return (each for each in self.interactions if each.method == method)

    def _kind(self, draft: _Draft) -> _Kind:
        return _Kind(
            every=self._found(draft.every, like=True),
            exact={key: self._found(found) for key, found in draft.exact.items()},
            same={key: self._found(found) for key, found in draft.same.items()},
            like={
                paths: {
                    key: self._found(found, like=True)
                    for key, found in known.items()
                    if _is_one(found)
                }
                for paths, known in draft.like.items()
            },
        )

    def _found(self, found: list[Interaction], *, like: bool = False) -> Found:
        by_session: dict[int, list[Interaction]] = {}
        for each in found:
            by_session.setdefault(each.session, []).append(each)
        return Found(
            key=object(),
            by_session={session: tuple(each) for session, each in by_session.items()},
            like=like,
            telling=len(by_session) < self.sessions,
        )


def _add(draft: _Draft, each: Interaction) -> None:
    asked = without_meta(each.params)
    paths = fickle(asked)
    try:
        exact, same = canonical(without_token(each.params)), canonical(asked)
        like = canonical(blanked(asked, paths))
    except RecursionError:
        return
    draft.every.append(each)
    draft.exact.setdefault(exact, []).append(each)
    draft.same.setdefault(same, []).append(each)
    if paths:
        draft.like.setdefault(paths, {}).setdefault(like, []).append(each)


def _is_one(found: list[Interaction]) -> bool:
    """Tell whether the recording does not tell these apart by their fickle values."""
    return len({canonical(without_meta(each.params)) for each in found}) == 1
