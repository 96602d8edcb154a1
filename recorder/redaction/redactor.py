"""Redaction: secrets out, pseudonyms in, before anything is written."""

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from wiretape.recorder.redaction.conceal import Conceal
from wiretape.recorder.redaction.known import Known
from wiretape.recorder.redaction.places import places
from wiretape.recorder.redaction.pseudonym import KEY_BYTES, Pseudonyms
from wiretape.recorder.redaction.quoting import encodable
from wiretape.recorder.redaction.rules import DEFAULT, Rules
from wiretape.recorder.redaction.spans import Span, assemble, outermost

_REMEMBERED = 4096
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was redacted: how often by each rule, and the number of distinct secrets."""

    key_id: str
    replaced: dict[str, int]
    secrets: int


class _Header(NamedTuple):
    pair: tuple[str, str]
    rules: tuple[str, ...]


class Redactor:
    """Redacts what passes, in the order in which it passes.

    A secret is known from the first place that shows it to be one. What came before is not looked
    at again. Not for use by several threads at once.
    """

    def __init__(self, key: bytes | None = None, rules: Rules = DEFAULT) -> None:
        """Redact with a key, of at least 32 bytes, or with a new one that is not kept."""
        pseudonyms = Pseudonyms(secrets.token_bytes(KEY_BYTES) if key is None else key)
        self.key_id = pseudonyms.key_id
        self._known = Known(pseudonyms)
        self._places = places(rules)
        self._conceal = Conceal(self._places, self._known, self.text)
        self._replaced: Counter[str] = Counter()
        self._headers: dict[tuple[bytes, bytes], _Header] = {}
        self._texts: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._remembered_at = 0

    @property
    def learnt(self) -> int:
        """How much is known to be secret; it grows whenever something new is."""
        return self._known.atoms

    def text(self, text: str) -> str:
        """Redact any text: a body, the data of an SSE event, a message."""
        redacted, rules = self._remembered(text) if len(text) <= _SHORT else self._redact(text)
        if rules:
            self._replaced.update(rules)
        return redacted

    def broken_text(self, text: str) -> str:
        """Redact a text that ends too soon, perhaps in the middle of a secret."""
        text = self.text(text)
        if span := self._known.beginning(text):
            self._replaced[span.rule] += 1
            return assemble(text, [span])
        return text

    def url(self, url: str) -> str:
        """Redact a URL."""
        return self.text(url)

    def headers(self, pairs: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
        """Redact raw headers, read as ISO-8859-1. Names, order and duplicates stay.

        What one header shows to be secret is found in those before it too.
        """
        pairs = tuple(pairs)
        known = self._known.atoms
        headers = [self._header(pair) for pair in pairs]
        if self._known.atoms != known:
            headers = [self._header(pair) for pair in pairs]
        for header in headers:
            if header.rules:
                self._replaced.update(header.rules)
        return tuple(header.pair for header in headers)

    def manifest(self) -> Manifest:
        """Say what was redacted so far."""
        return Manifest(self.key_id, dict(sorted(self._replaced.items())), len(self._known))

    def _header(self, pair: tuple[bytes, bytes]) -> _Header:
        self._forget_what_is_outdated()
        header = self._headers.get(pair)
        if header is None:
            name, value = pair[0].decode("latin-1"), pair[1].decode("latin-1")
            place = self._places.header(name, value)
            if place is None:
                redacted, rules = self._redact(value)
            else:
                redacted, rules = self._conceal.at(place), (place.rule,)
            header = self._headers[pair] = _Header((name, redacted), rules)
        return header

    def _remembered(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Redact a text that may come again, such as a URL or the name of an event."""
        self._forget_what_is_outdated()
        found = self._texts.get(text)
        if found is None:
            found = self._redact(text)
            if self._remembered_at == self._known.atoms:
                self._texts[text] = found
        return found

    def _forget_what_is_outdated(self) -> None:
        full = len(self._headers) + len(self._texts) >= _REMEMBERED
        if full or self._remembered_at != self._known.atoms:
            self._headers.clear()
            self._texts.clear()
            self._remembered_at = self._known.atoms

    def _redact(self, text: str) -> tuple[str, tuple[str, ...]]:
        """Redact a text, and name the rules that replaced something."""
        text = encodable(text)
        spans = [
            Span(place.start, place.end, self._conceal.at(place), place.rule)
            for place in self._places.find(text)
        ]
        # Only now, when all that stands in this text is known too.
        spans += self._known.find(text)
        if not spans:
            return text, ()
        spans = outermost(spans)
        return assemble(text, spans), tuple(span.rule for span in spans)
