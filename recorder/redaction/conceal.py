"""Replacing what stands at a place: which parts of it are secret, and which stay.

What replaces a segment and remembers a secret is given. With pseudonyms and a memory this redacts;
with a judge of segments it looks for what should have been redacted.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Protocol

from wiretape.recorder.redaction.jwt import Readers, rewrite
from wiretape.recorder.redaction.place import LIKELY, Place
from wiretape.recorder.redaction.places import Places
from wiretape.recorder.redaction.pseudonym import SEGMENT
from wiretape.recorder.redaction.quoting import percent_decoded, percent_encoded_like, requoted
from wiretape.recorder.redaction.spans import Span, assemble
from wiretape.recorder.redaction.tokens import basic_credentials
from wiretape.recorder.redaction.vocabulary import KEPT, SHORTEST

_SCHEME = re.compile(r"(\s*(?:Bearer|DPoP|Basic|Token)\s+)(\S.*)", re.IGNORECASE | re.DOTALL)
_ANY_SCHEME = re.compile(
    r"(\s*(?:Bearer|DPoP|Basic|Token|Digest|Negotiate|NTLM|OAuth|PrivateToken|GNAP|HOBA|Mutual|Hawk"
    r"|JWT|Key|Api-?Key|SSWS|Splunk|AWS4-HMAC-SHA256|SCRAM-SHA-1|SCRAM-SHA-256|vapid)\s+)(\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_COOKIE = re.compile(r"(,\s*)(?=[^;,=\s]+=)")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_DEEPEST = 6


class Keeper(Protocol):
    """What replaces segments and remembers secrets.

    With `remembers` it also wants to hear what else a secret may mean.
    """

    remembers: bool

    def segment(self, segment: str) -> str:
        """Give what replaces a segment."""

    def assign(self, segment: str, pseudonym: str) -> None:
        """Have a segment stand for what was made by other means."""

    def recall(self, secret: str, *, sure: bool) -> str | None:
        """Give what replaced a secret, if it is remembered as that."""

    def learn(self, secret: str, pseudonym: str, segments: Sequence[str], *, sure: bool) -> None:
        """Remember a secret, and those of its segments that are to be found by themselves."""


class Conceal:
    """Replaces what stands at places; `through` redacts a text that is no secret itself."""

    def __init__(self, places: Places, keeper: Keeper, through: Callable[[str], str]) -> None:
        self._places = places
        self._keeper = keeper
        self._through = through
        self._depth = 0
        self._kinds: dict[str, Callable[[str, bool], str]] = {
            "value": self._value,
            "credentials": self._credentials,
            "basic": self._basic,
            "userinfo": self._user_and_password,
            "cookies": self._cookies,
            "set-cookie": self._set_cookie,
            "jwt": self._jwt,
            "token": self._token,
            "email": self._email,
        }

    def at(self, place: Place) -> str:
        """Give what replaces a place of a text."""
        return requoted(self._kinds[place.kind](place.plain, place.sure), place.quoting)

    def _value(self, plain: str, sure: bool) -> str:
        known = self._keeper.recall(plain, sure=sure)
        if known is not None:
            return known
        if self._depth >= _DEEPEST:
            return self._token(plain, sure)
        self._depth += 1
        try:
            if "+" in plain and self._keeper.remembers:
                # In a form a plus sign is a space.
                self._value(plain.replace("+", " "), sure)
            return self._decoded_value(plain, sure)
        finally:
            self._depth -= 1

    def _decoded_value(self, plain: str, sure: bool) -> str:
        inner, outers = plain, []
        while (decoded := percent_decoded(inner)) != inner:
            outers.append(inner)
            inner = decoded
        concealed = self._plain_value(inner, sure)
        segments = SEGMENT.findall(inner)
        for outer in reversed(outers):
            concealed = percent_encoded_like(concealed, outer)
            self._keeper.learn(outer, concealed, segments, sure=sure)
        return concealed

    def _plain_value(self, plain: str, sure: bool) -> str:
        if plain.lower() in KEPT:
            return plain
        if _SCHEME.fullmatch(plain):
            return self._credentials(plain, sure)
        spans = [
            Span(place.start, place.end, self.at(place), place.rule)
            for place in self._places.find(plain)
            if place.kind != "value" or len(place.plain) < len(plain)
        ]
        segments: list[str] = []
        concealed = assemble(plain, spans, lambda gap: self._segments(gap, segments))
        if not spans and not segments and len(plain) >= SHORTEST and len(set(plain)) > 1:
            concealed = self._keeper.segment(plain)
        self._keeper.learn(plain, concealed, segments, sure=sure)
        return concealed

    def _segments(self, text: str, seen: list[str]) -> str:
        def replace(match: re.Match[str]) -> str:
            seen.append(match[0])
            return self._keeper.segment(match[0])

        return SEGMENT.sub(replace, text)

    def _token(self, plain: str, sure: bool) -> str:
        segments: list[str] = []
        concealed = self._segments(plain, segments)
        self._keeper.learn(plain, concealed, segments, sure=sure)
        return concealed

    def _credentials(self, plain: str, sure: bool) -> str:
        match = _ANY_SCHEME.fullmatch(plain)
        if match is None:
            return self._value(plain, sure)
        basic = match[1].strip().lower() == "basic"
        return match[1] + (self._basic if basic else self._value)(match[2], sure)

    def _basic(self, encoded: str, sure: bool) -> str:
        plain = basic_credentials(encoded)
        if plain is None:
            return self._token(encoded, sure)
        encode = urlsafe_b64encode if "-" in encoded or "_" in encoded else b64encode
        concealed = encode(self._user_and_password(plain, sure).encode()).decode()
        return concealed if encoded.endswith("=") else concealed.rstrip("=")

    def _user_and_password(self, plain: str, sure: bool) -> str:
        user, _, password = plain.partition(":")
        concealed = f"{self._value(user, LIKELY)}:{self._value(password, sure)}"
        self._keeper.learn(plain, concealed, (), sure=sure)
        return concealed

    def _cookies(self, plain: str, sure: bool) -> str:
        return ";".join(self._cookie(crumb, sure) for crumb in plain.split(";"))

    def _set_cookie(self, plain: str, sure: bool) -> str:
        pieces = _NEXT_COOKIE.split(plain)
        for index in range(0, len(pieces), 2):
            cookie, semicolon, attributes = pieces[index].partition(";")
            pieces[index] = self._cookie(cookie, sure) + semicolon + self._through(attributes)
        return "".join(pieces)

    def _cookie(self, crumb: str, sure: bool) -> str:
        name, equals, value = crumb.rpartition("=") if "=" not in crumb else crumb.partition("=")
        start = len(value) - len(value.lstrip(' "'))
        end = max(start, len(value.rstrip(' "')))
        return name + equals + value[:start] + self._value(value[start:end], sure) + value[end:]

    def _jwt(self, token: str, sure: bool) -> str:
        known = self._keeper.recall(token, sure=sure)
        if known is not None:
            return known
        readers = Readers(
            claim=lambda text: self._value(text, LIKELY),
            number=self._keeper.segment,
            opaque=lambda part: self._segments(part, []),
            kept=self._through,
        )
        concealed = rewrite(token, readers)
        if concealed is None:
            return self._token(token, sure)
        for part, stand_in in zip(token.split("."), concealed.split("."), strict=True):
            self._keeper.assign(part, stand_in)
        self._keeper.learn(
            token, concealed, [part for part in token.split(".")[1:] if part], sure=sure
        )
        return concealed

    def _email(self, plain: str, sure: bool) -> str:
        local, _, domain = plain.rpartition("@")
        name = _NOT_ALNUM.sub("", domain.lower())
        concealed = f"{self._segments(local, [])}@{self._keeper.segment(name)}.example"
        self._keeper.learn(plain, concealed, (), sure=sure)
        return concealed
