"""A tripwire for secrets in a finished recording.

It looks where the rules look, and wants to see pseudonyms there. A pseudonym is known by its check
(see `pseudonym`), without the key it was made with. Segments too short to carry one are not judged,
nor is a secret that stands where no rule looks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct

from wiretape.recorder.log.records import AnyRecord, Content, Header
from wiretape.recorder.redaction.conceal import Conceal
from wiretape.recorder.redaction.place import Place
from wiretape.recorder.redaction.places import places
from wiretape.recorder.redaction.pseudonym import is_checked, is_pseudonym
from wiretape.recorder.redaction.rules import DEFAULT


@dataclass(frozen=True, slots=True)
class Leak:
    """What looks like a secret in a record: its field, the rule that looked there, its length.

    Not a character of it: what a tripwire prints ends up in logs.
    """

    field: str
    rule: str
    length: int


class Tripwire:
    """Looks through records for secrets."""

    def __init__(self) -> None:
        self._places = places(DEFAULT)
        self._judge = _Judge()
        self._conceal = Conceal(self._places, self._judge, self._look_through)

    def leaks(self, record: AnyRecord) -> tuple[Leak, ...]:
        """Give what looks like a secret in a record."""
        return tuple(self._leaks(record))

    def _leaks(self, record: Struct) -> Iterator[Leak]:
        for field in record.__struct_fields__:
            value = getattr(record, field)
            if field in {"headers", "trailers"}:
                yield from self._in_headers(field, value)
            elif isinstance(value, Content):
                yield from self._in_text(field, _text(value), cut=value.cut > 0)
            elif isinstance(value, str):
                yield from self._in_text(field, value)

    def _in_headers(self, field: str, headers: Sequence[Header]) -> Iterator[Leak]:
        for name, value in headers:
            place = self._places.header(name, value)
            found = self._places.find(value) if place is None else [place]
            yield from self._at(f"{field} {name}", found)

    def _in_text(self, field: str, text: str, *, cut: bool = False) -> Iterator[Leak]:
        places = self._places.find(text)
        # A cut pseudonym has lost its check.
        yield from self._at(field, [place for place in places if not cut or place.end < len(text)])

    def _at(self, field: str, places: Sequence[Place]) -> Iterator[Leak]:
        for place in places:
            self._conceal.at(place)
            for segment in self._judge.verdicts():
                yield Leak(field, place.rule, len(segment))

    def _look_through(self, text: str) -> str:
        for place in self._places.find(text):
            self._conceal.at(place)
        return text


class _Judge:
    """Replaces nothing, and notes the segments that are no pseudonyms."""

    remembers = False

    def __init__(self) -> None:
        self._suspects: list[str] = []

    def verdicts(self) -> list[str]:
        """Give the suspects since the last time."""
        suspects, self._suspects = self._suspects, []
        return suspects

    def segment(self, segment: str) -> str:
        """Judge a segment."""
        if is_checked(segment) and not is_pseudonym(segment):
            self._suspects.append(segment)
        return segment

    def assign(self, segment: str, pseudonym: str) -> None:
        """Need no memory."""

    def recall(self, secret: str, *, sure: bool) -> str | None:
        """Need no memory."""

    def learn(self, secret: str, pseudonym: str, segments: Sequence[str], *, sure: bool) -> None:
        """Need no memory."""


def _text(content: Content) -> str:
    data = content.data()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
