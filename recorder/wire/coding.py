"""Content codings (RFC 9110, 8.4.1; RFC 8878 for zstd), undone incrementally and within bounds.

A few bytes can decode to gigabytes. Decoders therefore give their output in small pieces, and
whoever has enough stops asking.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

_PIECE = 65536
_ZSTD_INPUT = 64  # zstandard cannot bound its output, so it is fed little at a time


class CodingError(Exception):
    """The bytes are not what their Content-Encoding says, or it is one that nobody knows."""


class Decoder(Protocol):
    """Decodes a stream; stop iterating at any time."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what this data decodes to, in pieces of bounded size."""
        ...


class _Identity:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zlib:
    """gzip (several members, too) and deflate (with zlib's header, or without as some send it)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if gzip else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if self._inflate is None:
                    zlib_header = data[0] & 0x0F == 8
                    self._inflate = zlib.decompressobj(
                        zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS
                    )
                yield self._inflate.decompress(data, _PIECE)
                data = self._inflate.unconsumed_tail
                if self._gzip and self._inflate.unused_data:
                    data = self._inflate.unused_data
                    self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        except zlib.error as error:
            raise CodingError(f"not {'gzip' if self._gzip else 'deflate'}: {error}") from None


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._decompressor.process(data, output_buffer_limit=_PIECE)
            while not self._decompressor.can_accept_more_data():
                yield self._decompressor.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as error:
            raise CodingError(f"not br: {error}") from None


class _Zstd:
    def __init__(self) -> None:
        window = 1 << 23  # RFC 8878, 3.1.1.1.2: what decoders are recommended to support
        self._new = zstandard.ZstdDecompressor(max_window_size=window).decompressobj
        self._decompressor = self._new()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            for start in range(0, len(data), _ZSTD_INPUT):
                rest = data[start : start + _ZSTD_INPUT]
                while rest:
                    yield self._decompressor.decompress(rest)
                    rest = self._decompressor.unused_data
                    if self._decompressor.eof:
                        self._decompressor = self._new()
        except zstandard.ZstdError as error:
            raise CodingError(f"not zstd: {error}") from None


class _Chain:
    """Codings applied one after the other, undone from the last."""

    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> Iterator[bytes]:
        return self._feed(data, len(self._decoders))

    def _feed(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == 0:
            yield data
            return
        for piece in self._decoders[depth - 1].feed(data):
            yield from self._feed(piece, depth - 1)


_MOST_CODINGS = 5


def decoder(encoding: str | None) -> Decoder:
    """Make the decoder for a Content-Encoding value. Raises CodingError for an unknown coding."""
    names = [name.strip().lower() for name in (encoding or "").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return _Identity()
    if len(names) > _MOST_CODINGS:
        raise CodingError(f"{len(names)} codings upon each other")
    return _Chain([_decoder(name) for name in names])


def _decoder(name: str) -> Decoder:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(gzip=True)
        case "deflate":
            return _Zlib(gzip=False)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            raise CodingError(f"unknown coding {name!r}")
