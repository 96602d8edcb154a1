"""Where in the text of a JSON document a pointer (RFC 6901) points.

The text is walked, not rewritten: what is not pointed at stays as it is, character by character.
"""

import json
import re
from collections.abc import Iterator

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"[ \t\r\n]*+(:)?')


def locate(text: str, parts: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Give where the strings stand, without their quotation marks, at and below a pointer.

    In a text that is not JSON nothing is found.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _descend(text, _past_space(text, 0), parts)


def _descend(text: str, at: int, parts: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    if not parts:
        for match in _STRING.finditer(text, at, _DECODER.raw_decode(text, at)[1]):
            if match[2] is None:
                yield match.span(1)
    elif text[at] == "{":
        for name, value in _members(text, at):
            if name == parts[0]:
                yield from _descend(text, value, parts[1:])
    elif text[at] == "[":
        for index, value in enumerate(_items(text, at)):
            if str(index) == parts[0]:
                yield from _descend(text, value, parts[1:])


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    for start in _items(text, at):
        name, end = _DECODER.raw_decode(text, start)
        yield name, _past_space(text, _past_space(text, end) + 1)


def _items(text: str, at: int) -> Iterator[int]:
    """Give where each item of an array, or each member of an object, begins."""
    is_object = text[at] == "{"
    at = _past_space(text, at + 1)
    while text[at] not in "]}":
        yield at
        if is_object:
            at = _past_space(text, _past_space(text, _DECODER.raw_decode(text, at)[1]) + 1)
        at = _past_space(text, _DECODER.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _past_space(text, at + 1)


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
