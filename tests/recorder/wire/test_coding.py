"""Content codings: undone whatever the chunks, bounded whatever the bytes."""

import gzip
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.wire.coding import CodingError, decoder


def raw_deflate(data: bytes) -> bytes:
    compress = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compress.compress(data) + compress.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
    "": bytes,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "Deflate, ZSTD": lambda data: zstandard.compress(zlib.compress(data)),
}


def decode(encoding: str, *chunks: bytes) -> bytes:
    decoding = decoder(encoding)
    return b"".join(piece for chunk in chunks for piece in decoding.feed(chunk))


@given(st.sampled_from(sorted(ENCODERS)), st.binary(max_size=2000), st.integers(1, 300))
def test_what_was_encoded_comes_back_in_any_chunks(encoding: str, data: bytes, size: int):
    encoded = ENCODERS[encoding](data)
    chunks = [encoded[i : i + size] for i in range(0, len(encoded), size)]
    assert decode(encoding, *chunks) == data


def test_deflate_without_zlib_header_is_understood():
    assert decode("deflate", raw_deflate(b"some text")) == b"some text"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_members_upon_each_other_are_one_content(encoding: str):
    encode = ENCODERS[encoding]
    assert decode(encoding, encode(b"one") + encode(b"two")) == b"onetwo"


def test_what_has_come_so_far_is_given_at_once():
    compress = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    decoding = decoder("gzip")
    for text in (b"data: one\n\n", b"data: two\n\n"):
        chunk = compress.compress(text) + compress.flush(zlib.Z_SYNC_FLUSH)
        assert b"".join(decoding.feed(chunk)) == text


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_bomb_goes_off_in_small_pieces(encoding: str):
    bomb = ENCODERS[encoding](bytes(100_000_000))
    decoded = 0
    for piece in decoder(encoding).feed(bomb):
        assert len(piece) < 10_000_000
        decoded += len(piece)
        if decoded > 1_000_000:
            break
    assert decoded > 1_000_000


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, zstd"]), st.binary(max_size=200))
def test_no_bytes_raise_anything_but_the_own_error(encoding: str, data: bytes):
    with suppress(CodingError):
        decode(encoding, data)


def test_an_unknown_coding_is_refused_by_name():
    with pytest.raises(CodingError, match="'compress'"):
        decoder("compress")


def test_a_tower_of_codings_is_refused():
    with pytest.raises(CodingError, match="6 codings"):
        decoder(", ".join(["gzip"] * 6))
