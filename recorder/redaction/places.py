"""Where the secrets of a text stand.

The text may be anything: JSON, whole or cut, JSON inside a string, a query, a form, HTML, prose. It
is not parsed. One Aho-Corasick search finds the anchors: the last words of secret names together
with what may end a name, and the beginnings of tokens. Only there a closer look is taken, and none
looks at the same piece twice, so that the time is linear in the length.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from wiretape.recorder.redaction.emails import emails
from wiretape.recorder.redaction.json_pointer import locate
from wiretape.recorder.redaction.names import Names, is_secret
from wiretape.recorder.redaction.place import Place, past_escape, quoted_place
from wiretape.recorder.redaction.quoting import JSON, unquoted
from wiretape.recorder.redaction.rules import Rules
from wiretape.recorder.redaction.spans import outermost
from wiretape.recorder.redaction.tokens import LOOKERS, colon_tokens

_ESCAPE = re.compile(r"\\++(?:u[0-9A-Fa-f]{4}|[^u])?")
_UPPER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


class Places:
    """Finds the places that rules speak of."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._names = Names(rules.names)
        self._headers = {rule.header: rule.rule for rule in rules.headers}
        lookers = self._names.lookers | LOOKERS
        self._lookers = tuple(lookers.values())
        self._anchors = AhoCorasick(
            list(lookers), matchkind=MatchKind.LeftmostLongest, store_patterns=False
        )

    def header(self, name: str, value: str) -> Place | None:
        """Give the place that the value of a header is, if it is secret as a whole."""
        asked_for = self._headers.get(name.lower())
        if asked_for is not None:
            return Place(0, len(value), value, asked_for)
        rule = self._names.rule(name, "header")
        if rule is None or not is_secret(value, rule, parameter=False):
            return None
        return Place(0, len(value), value, rule.rule, rule.kind, rule.sure)

    def find(self, text: str) -> list[Place]:
        """Give the outermost places in a text."""
        found: list[Place] = []
        done = 0
        for index, start, end in self._anchors.find_matches_as_indexes(_lower(text)):
            if start >= done:
                places, done = self._lookers[index](text, start, end)
                found += places
        found += colon_tokens(text)
        found += self._asked_for(text)
        return outermost(found)

    def _asked_for(self, text: str) -> Iterator[Place]:
        if self._rules.emails:
            yield from emails(text)
        for shape in self._rules.shapes:
            group = "secret" if "secret" in shape.pattern.groupindex else 0
            for match in shape.pattern.finditer(text):
                if match[group]:
                    first, last = match.span(group)
                    for start, end in _pieces(text, past_escape(text, first, last), last):
                        yield quoted_place(text, start, end, shape.rule, quoting=JSON)
        for pointer in self._rules.pointers:
            for start, end in locate(text, pointer.parts):
                yield quoted_place(text, start, end, pointer.rule, quoting=JSON)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give what a match has between escapes, or all of it if they can be undone."""
    raw = text[start:end]
    if "\\" not in raw or unquoted(raw, JSON) != raw:
        yield start, end
        return
    for escape in _ESCAPE.finditer(text, start, end):
        yield start, escape.start()
        start = escape.end()
    yield start, end


@lru_cache(maxsize=8)
def places(rules: Rules) -> Places:
    """Give what finds the places that rules speak of; making it takes some milliseconds."""
    return Places(rules)


def _lower(text: str) -> str:
    """Give the text in lower case, every character in its place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(_UPPER)
