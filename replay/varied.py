"""What clients must not rely on, varied by a seed, so that those which do are found out.

As Pebble does for ACME. Once, when a service begins: the paths of the endpoints that its metadata
names, and how long tokens and ids are. In every reply: the order of headers (RFC 9110, 5.3) and the
case of their names (5.1), the order of members in JSON (RFC 8259, 4), and where a stream's bytes
are parted (WHATWG HTML, 9.2.5: events end with blank lines, not with chunks).
"""

import random
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.texts import JsonText, members
from wiretape.analysis.profile.values import Length, Metadata, Shape
from wiretape.recorder.log.urls import origin
from wiretape.replay.http.messages import Chunks, Headers, Reply, decoded, encoded
from wiretape.replay.oauth.documents import metadata
from wiretape.replay.oauth.shapes import ASSUMED

_ENDPOINTS = ("registration", "authorization", "token", "revocation", "introspection")
_TOKENS = ("access", "refresh")
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})
"""Told to the server that carries the reply, which reads them in lower case."""

_LONGER = 24
"""Characters that a token may have more than it is known to have."""

_DATA = b"data: "


def varied(profile: Profile, seed: int) -> Profile:
    """Give a profile with other paths and lengths; those of MCP endpoints stay."""
    elsewhere = _elsewhere(profile, random.Random(seed))  # noqa: S311 - chance, not secrets
    endpoints = {
        name: elsewhere.get(url, url) for name, url in profile.endpoints if name in _ENDPOINTS
    }
    discovery = profile.discovery
    answers = {
        place: answer.model_copy(update={"document": _moved(answer.document, elsewhere)})
        for place, answer in (discovery.server_metadata_answers or {}).items()
    }
    documents: dict[str, JsonText | dict[str, Metadata] | None] = {
        "server_metadata_document": _moved(discovery.server_metadata_document, elsewhere)
    }
    documents |= {"server_metadata_answers": answers} if answers else {}
    token, session_id = profile.token, profile.transport.session_id
    return profile.model_copy(
        update={
            "endpoints": profile.endpoints.model_copy(update=endpoints),
            "discovery": discovery.model_copy(update=documents),
            "authorization": _longer(profile.authorization, "code"),
            "registration": _longer(profile.registration, "client_id"),
            "token": token.model_copy(
                update={name: _longer(getattr(token, name), "shape") for name in _TOKENS}
            ),
            "transport": profile.transport.model_copy(
                update={"session_id": _longer(session_id, "shape")}
            ),
        }
    )


class Variation:
    """Varies replies; with the same seed, the same replies in the same way."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - chance, not secrets

    def of(self, reply: Reply) -> Reply:
        """Give a reply in another form, which says the same."""
        if reply.is_event_stream:
            reply = reply.flowing(self._parted)
        elif reply.body and reply.stream is None:
            reply = replace(reply, body=self._shuffled(reply.body))
        return replace(reply, headers=self._headers(reply.headers))

    def _headers(self, headers: Headers) -> Headers:
        """Give headers in another order; those of one name stay in theirs, which counts."""
        names = list(dict.fromkeys(name for name, _ in headers))
        self._dice.shuffle(names)
        return tuple(
            (self._spelt(name), value)
            for name in names
            for given, value in headers
            if given == name
        )

    def _spelt(self, name: str) -> str:
        if name in _FRAMING:
            return name
        return self._dice.choice((str.lower, str.upper, str.title))(name)

    def _shuffled(self, text: bytes) -> bytes:
        """Give JSON with its members in another order, anything else as it is."""
        if not text.startswith((b"{", b"[")):
            return text
        try:
            return encoded(self._reordered(decoded(text)))
        except ValueError:
            return text

    def _reordered(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._reordered(each) for each in value]
        if not isinstance(value, dict):
            return value
        members = list(value.items())
        self._dice.shuffle(members)
        return {name: self._reordered(each) for name, each in members}

    async def _parted(self, chunks: Chunks) -> Chunks:
        """Give a stream's bytes in other chunks."""
        async with aclosing(chunks):
            async for chunk in chunks:
                rest = b"".join(map(self._line, chunk.splitlines(keepends=True)))
                while rest:
                    size = self._dice.randint(1, len(rest))
                    yield rest[:size]
                    rest = rest[size:]

    def _line(self, line: bytes) -> bytes:
        if not line.startswith(_DATA):
            return line
        data = line.removeprefix(_DATA)
        said = data.rstrip(b"\r\n")
        return _DATA + self._shuffled(said) + data[len(said) :]


def _elsewhere(profile: Profile, dice: random.Random) -> dict[str | None, str]:
    """Give other URLs for the endpoints that metadata names: clients can find those."""
    told = metadata(profile)
    named = [told.get(f"{name}_endpoint") for name in _ENDPOINTS]
    return {
        url: f"{origin(url)}/{dice.getrandbits(64):016x}"
        for url in dict.fromkeys(url for url in named if isinstance(url, str))
    }


def _moved(document: JsonText | None, elsewhere: dict[str | None, str]) -> JsonText | None:
    told = members(document)
    if not told:
        return document
    moved = {name: elsewhere[url] for name, url in told.items() if str(url) in elsewhere}
    return JsonText.of({**told, **moved})


def _longer[Section: Any](section: Section, name: str) -> Section:
    """Let what a section tells the shape of be longer, each time by another number."""
    shape: Shape = getattr(section, name) or ASSUMED
    if shape.kind != "opaque" or not shape.segments:
        return section
    *before, last = shape.segments
    last = last.model_copy(update={"length": _stretched(last.length)})
    longer = shape.model_copy(update={"segments": (*before, last)})
    found: Section = section.model_copy(update={name: longer})
    return found


def _stretched(length: Length) -> Length:
    least, most = (length, length) if isinstance(length, int) else length
    return least, most + _LONGER
