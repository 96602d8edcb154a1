"""The `endpoint` event of HTTP+SSE (MCP 2024-11-05), whose URL may be absolute.

A stream passes as it comes. The only bytes that wait are those of a data line that begins like an
absolute http(s) URL, and what follows it, until the event ends and its type is known. JSON-RPC
messages never begin like that.
"""

import re
from collections.abc import Callable

_PIECE = re.compile(rb"\r\n|\r|\n|[^\r\n]+")
_BOM = b"\xef\xbb\xbf"
_DATA = re.compile(rb"data: ?")
_SCHEMES = (b"http://", b"https://")
_HEAD = 64  # bytes at the beginning of a line, enough to tell what it is
_MOST_HELD = 65536


class EndpointRewriter:
    """Changes the data of `endpoint` events (WHATWG HTML, 9.2.6), wherever chunks are split."""

    def __init__(self, change: Callable[[bytes], bytes]) -> None:
        self._change = change
        self._first_line = True
        self._after_cr = False
        self._line = b""
        self._held = bytearray()
        self._begin_event()

    def feed(self, data: bytes) -> bytes:
        """Give what may pass now that these bytes have come."""
        out = bytearray()
        for piece in _PIECE.findall(data):
            if piece[:1] not in b"\r\n":
                self._text(piece, out)
            elif self._after_cr and piece == b"\n":
                self._put(piece, out)
            else:
                self._put(piece, out)
                self._end_line(out)
            self._after_cr = piece == b"\r"
        return bytes(out)

    def close(self) -> bytes:
        """Give what the stream's end left waiting: an unfinished event, which nobody reads."""
        held, self._held = bytes(self._held), bytearray()
        return held

    def _begin_event(self) -> None:
        self._type = b""
        self._sure = False  # whether what is held begins like a URL, or may only come to
        self._too_long = False

    def _text(self, piece: bytes, out: bytearray) -> None:
        known = len(self._line)
        self._line += piece[: _HEAD - known]
        value = self._url_so_far()
        if not self._held:
            if not value or self._too_long:
                out += piece
                return
            before = max(len(self._line) - len(value) - known, 0)
            out += piece[:before]
            piece = piece[before:]
        self._held += piece
        self._too_long = len(self._held) > _MOST_HELD
        if self._too_long or not (self._sure or value):
            self._release(out)

    def _end_line(self, out: bytearray) -> None:
        line, value = self._content(), self._url_so_far()
        self._line = b""
        self._first_line = False
        if not line:
            if self._held and self._type == b"endpoint":
                self._held[:] = self._change(bytes(self._held))
            self._release(out)
            self._begin_event()
            return
        field, _, content = line.partition(b":")
        if field == b"event":
            self._type = content.removeprefix(b" ")
        elif self._held and not self._sure:
            self._sure = value.lower().startswith(_SCHEMES)
            if not self._sure:
                self._release(out)

    def _content(self) -> bytes:
        return self._line.removeprefix(_BOM) if self._first_line else self._line

    def _url_so_far(self) -> bytes:
        """Give the value of a data line if it is, or may yet become, an absolute URL."""
        line = self._content()
        value = line[found.end() :] if (found := _DATA.match(line)) else b""
        begins = value.lower()
        return value if any(s.startswith(begins) or begins.startswith(s) for s in _SCHEMES) else b""

    def _put(self, piece: bytes, out: bytearray) -> None:
        if self._held:
            self._held += piece
        else:
            out += piece

    def _release(self, out: bytearray) -> None:
        out += self._held
        self._held = bytearray()
