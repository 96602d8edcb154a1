"""Answers that echo their request, with the caller's values where they echo the recorded ones.

A text of four characters or more is taken for an echo wherever it stands as a whole word; a number,
or a shorter text, only as the value of a member with the same name, because it occurs by chance.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from wiretape.replay.http.messages import encoded
from wiretape.replay.recorded.normal import Params, Path, at, leaves, without_meta

_TELLING = 4
_OPEN, _CLOSE = "\ue000", "\ue001"
"""What stands around the number of an echo while a template is made: characters of private use."""


@dataclass(frozen=True, slots=True)
class _Echo:
    """Where in the request the echoed value is; `within`: only a part of a text echoes it."""

    path: Path
    recorded: Any
    within: bool


@dataclass(frozen=True, slots=True)
class Template:
    """The JSON of a result or an error: what is said in any case, and echoes between."""

    parts: tuple[bytes | _Echo, ...]

    @classmethod
    def of(cls, value: bytes, params: Params) -> "Template":
        """Find in an answer what it echoes of the request's parameters."""
        text = value.decode()
        echoed = [found for found in leaves(without_meta(params)) if _can_echo(found[1])]
        if not echoed or _OPEN in text or "\\ue000" in text.lower():
            return cls((value,))
        try:
            marked = encoded(_marked(json.loads(text), None, echoed)).decode()
        except (ValueError, RecursionError):  # too deep, or half of a surrogate pair
            return cls((value,))
        return cls(tuple(_parts(marked, echoed)))

    def filled(self, params: Params) -> bytes:
        """Give the answer to a request; what this lacks is as it was recorded."""
        return b"".join(
            part if isinstance(part, bytes) else _spelt(part, params) for part in self.parts
        )


def _marked(value: Any, member: str | None, echoed: list[tuple[Path, Any]]) -> Any:
    """Give an answer's value with marks where it echoes; `member` is what it is called there."""
    match value:
        case dict():
            return {name: _marked(part, name, echoed) for name, part in value.items()}
        case list():
            return [_marked(part, member, echoed) for part in value]
        case None | bool():
            return value
    same = [number for number, (_, recorded) in enumerate(echoed) if recorded == value]
    named = [number for number in same if echoed[number][0][-1] == member]
    if named or (same and _is_telling(value)):
        return f"{_OPEN}{(named or same)[0]}w{_CLOSE}"
    return _marked_text(value, echoed) if isinstance(value, str) else value


def _marked_text(text: str, echoed: list[tuple[Path, Any]]) -> str:
    telling = {recorded: number for number, (_, recorded) in _told(echoed)}
    if not any(word in text for word in telling):
        return text
    words = "|".join(map(re.escape, sorted(telling, key=len, reverse=True)))
    return re.sub(
        rf"(?<![\w-])(?:{words})(?![\w-])",
        lambda found: f"{_OPEN}{telling[found[0]]}i{_CLOSE}",
        text,
    )


def _told(echoed: list[tuple[Path, Any]]) -> list[tuple[int, tuple[Path, Any]]]:
    """Give those that are recognised within a text, the first of equal ones last."""
    return [each for each in enumerate(echoed) if _is_telling(each[1][1])][::-1]


def _parts(marked: str, echoed: list[tuple[Path, Any]]) -> list[bytes | _Echo]:
    # A whole value is marked as a text of its own, so its quotation marks go with the mark.
    pieces = re.split(f'"{_OPEN}(\\d+)w{_CLOSE}"|{_OPEN}(\\d+)i{_CLOSE}', marked)
    found: list[bytes | _Echo] = [pieces[0].encode()]
    for whole, within, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        path, recorded = echoed[int(whole or within)]
        found += [_Echo(path, recorded, whole is None), after.encode()]
    return found


def _spelt(echo: _Echo, params: Params) -> bytes:
    value = at(params, echo.path, echo.recorded)
    if not echo.within:
        return encoded(value)
    said = value if isinstance(value, str) else encoded(value).decode()
    return encoded(said)[1:-1]


def _can_echo(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _is_telling(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= _TELLING
