"""The secrets known so far, and where they turn up again.

A secret is registered by its *atoms*: its segments of eight characters or more, each as it stands
(URL-encoding and JSON-escaping leave a segment as it is) and in Base64 at each alignment. A secret
that is not covered by its atoms, because a segment of it is short, is an atom as a whole too, in
every form it may be written in.

The atoms are searched for with Aho-Corasick automata. An automaton cannot grow, so there are
several: new atoms make a small one, which is merged with the ones before as long as these are not
much larger. Each atom is therefore built in a few times only, however many there are.
"""

import re
from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from wiretape.recorder.redaction.base64_cores import Core, cores, replaced
from wiretape.recorder.redaction.pseudonym import Pseudonyms
from wiretape.recorder.redaction.quoting import forms
from wiretape.recorder.redaction.spans import Span
from wiretape.recorder.redaction.tokens import is_ordinary
from wiretape.recorder.redaction.vocabulary import SHORTEST, VOCABULARY

RULE = "known secret"
"""The name under which the manifest counts what was found here."""

_LONGEST = 65_536
_LONGEST_QUOTED = 4096
_LARGEST_LEVEL = 8192
_GROWTH = 1
_SURROGATE = re.compile("[\ud800-\udfff]")


class Known:
    """What is known to be secret, each with its pseudonym."""

    remembers = True

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._secrets: dict[str, tuple[str, bool]] = {}
        self._atoms: dict[str, str | Core] = {}
        self._fresh: list[str] = []
        self._levels: list[tuple[list[str], AhoCorasick]] = []

    def __len__(self) -> int:
        """Give the number of distinct secrets learnt."""
        return len(self._secrets)

    @property
    def atoms(self) -> int:
        """The number of patterns searched for; it grows whenever more can be found."""
        return len(self._atoms)

    def segment(self, segment: str) -> str:
        """Give a segment's pseudonym."""
        return self._pseudonyms.segment(segment)

    def assign(self, segment: str, pseudonym: str) -> None:
        """Have a segment stand for what was made by other means."""
        self._pseudonyms.assign(segment, pseudonym)

    def recall(self, secret: str, *, sure: bool) -> str | None:
        """Give a secret's pseudonym if it was learnt already, and as surely."""
        pseudonym, as_sure = self._secrets.get(secret, (None, False))
        return pseudonym if as_sure >= sure else None

    def learn(self, secret: str, pseudonym: str, segments: Sequence[str], *, sure: bool) -> None:
        """Search for a secret, and for the given segments of it, from now on.

        Of what is not `sure` to be secret, such as a cookie, only that is searched for which does
        not look like ordinary data: a cookie may say `dark-mode`.
        """
        if self.recall(secret, sure=sure) == pseudonym:
            return
        self._secrets[secret] = pseudonym, sure
        atoms = [segment for segment in segments if _is_telling(segment, (segment,), sure=sure)]
        for atom in atoms:
            self._add_forms(atom, self._pseudonyms.segment(atom))
        covered = segments and len(atoms) == len(segments)
        if not covered and _is_telling(secret, segments, sure=sure):
            self._add_forms(secret, pseudonym)

    def find(self, text: str) -> list[Span]:
        """Find what is known in a text that UTF-8 can encode. Spans may overlap."""
        if self._fresh:
            self._build()
        found = []
        for atoms, automaton in self._levels:
            for index, start, end in automaton.find_matches_as_indexes(text):
                replacement = self._atoms[atoms[index]]
                if isinstance(replacement, Core):
                    found.append(Span(*replaced(text, start, replacement), RULE))
                else:
                    found.append(Span(start, end, replacement, RULE))
        return found

    def beginning(self, text: str) -> Span | None:
        """Find what is known at the end of a text that broke off in the middle of it."""
        start = len(text)
        for atom in self._atoms:
            at = text.find(atom[:SHORTEST], max(0, len(text) - len(atom) + 1))
            while at >= 0 and not atom.startswith(text[at:]):
                at = text.find(atom[:SHORTEST], at + 1)
            if at >= 0:
                start = min(start, at)
        return Span(start, len(text), "x" * (len(text) - start), RULE) if text[start:] else None

    def _add_forms(self, text: str, pseudonym: str) -> None:
        if len(text) > _LONGEST:
            return
        quoted = len(text) <= _LONGEST_QUOTED
        for form, stand_in in forms(text, pseudonym, layers=2 if quoted else 0).items():
            self._add(form, stand_in)
        for form, stand_in in forms(text, pseudonym, layers=1 if quoted else 0).items():
            plain, masked = form.encode("utf-8", "replace"), stand_in.encode("utf-8", "replace")
            if len(plain) == len(masked):
                for core in cores(plain, masked):
                    self._add(core.text, core)
            else:
                for core in cores(plain, plain):
                    self._add(core.text, self._pseudonyms.of(core.text))

    def _add(self, atom: str, replacement: str | Core) -> None:
        if atom == replacement or (not atom.isascii() and _SURROGATE.search(atom)):
            return
        if atom not in self._atoms:
            self._fresh.append(atom)
        self._atoms[atom] = replacement

    def _build(self) -> None:
        atoms, self._fresh = self._fresh, []
        while self._levels and len(self._levels[-1][0]) <= min(
            _GROWTH * len(atoms), _LARGEST_LEVEL - len(atoms)
        ):
            atoms = self._levels.pop()[0] + atoms
        automaton = AhoCorasick(
            atoms,
            matchkind=MatchKind.LeftmostLongest,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )
        self._levels.append((atoms, automaton))


def _is_telling(text: str, segments: Sequence[str], *, sure: bool) -> bool:
    """Say whether a text that turns up again is that secret, not something else that is alike."""
    return (
        len(text) >= SHORTEST
        and text.lower() not in VOCABULARY
        and (sure or not segments or not all(map(is_ordinary, segments)))
    )
