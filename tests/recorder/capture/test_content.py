"""Bytes to content: the most readable form that loses nothing, and never more than the limit."""

import gzip
from base64 import b64decode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.capture.content import OVERLAP, body, recorded
from wiretape.recorder.log.records import UNSET, Body, Content, digest
from wiretape.recorder.redaction.redactor import Redactor

LIMIT = 1 << 16
SECRET = "kT4vQ9xZ2mNb7LpW3sYcRf8Hd1Gj6uAe"


def content(data: bytes, media_type: str | None = None, *, whole: bool = True) -> Content:
    redactor = Redactor(bytes(32))
    return recorded(data, media_type=media_type, limit=LIMIT, whole=whole, redactor=redactor)


def whole_body(data: bytes, media_type: str | None = None, encoding: str | None = None) -> Body:
    kept = data[: LIMIT + OVERLAP]
    redactor = Redactor(bytes(32))
    return body(
        kept,
        size=len(data),
        limit=LIMIT,
        media_type=media_type,
        encoding=encoding,
        redactor=redactor,
    )


@pytest.mark.parametrize("media_type", ["application/json", "application/problem+json", None])
def test_json_loses_only_white_space(media_type: str | None):
    text = b'{ "a" : 1.0,\n "a": 1e400, "\\u00e9": [12345678901234567890123] }'
    compact = b'{"a":1.0,"a":1e400,"\\u00e9":[12345678901234567890123]}'
    assert bytes(content(text, media_type).json) == compact


def test_what_only_claims_to_be_json_is_text():
    assert content(b'{"a": ', "application/json").text == '{"a": '


def test_json_that_is_nested_too_deeply_is_text():
    deep = b"[" * 100_000 + b"]" * 100_000
    found = whole_body(deep, "application/json")
    assert found.json is UNSET


def test_json_with_many_brackets_side_by_side_is_json():
    wide = b"[" + b",".join([b"[]"] * 5000) + b"]"
    assert bytes(content(wide, "application/json").json) == wide


def test_a_form_is_a_list_of_its_pairs():
    found = content(b"grant_type=refresh_token&scope=a+b&scope=%C3%A9&empty=", FORM)
    assert found.form == (
        ("grant_type", "refresh_token"),
        ("scope", "a b"),
        ("scope", "é"),
        ("empty", ""),
    )


@pytest.mark.parametrize("data", [b"no pairs", b"a=1&&b=2", b"a=%FF", b"&"])
def test_a_form_that_would_lose_something_stays_text(data: bytes):
    assert content(data, FORM).text == data.decode()


FORM = "application/x-www-form-urlencoded; charset=utf-8"


def test_bytes_that_are_no_text_are_base64():
    found = content(b"\x89PNG\xff\x00", "image/png")
    assert found.base64
    assert b64decode(found.base64) == b"\x89PNG\xff\x00"


def test_a_charset_is_honoured():
    assert content("é".encode("utf-16"), "text/plain; charset=utf-16").text == "é"
    assert content(b"\xe9", "text/plain; charset=iso-8859-1").text == "é"


@pytest.mark.parametrize("charset", ["nonsense", "hex", "idna", "punycode"])
def test_a_charset_that_is_none_makes_base64(charset: str):
    assert content(b"abc", f"text/plain; charset={charset}").base64


def test_a_secret_among_bytes_that_are_no_text_is_replaced():
    found = content(b"\xff\x00Authorization: Bearer " + SECRET.encode() + b"\xff")
    assert found.base64
    data = b64decode(found.base64)
    assert SECRET.encode() not in data
    assert data.startswith(b"\xff\x00Authorization: Bearer ")


def test_a_secret_across_the_cut_is_replaced():
    for before in range(LIMIT - 60, LIMIT + 2):
        data = b"x" * before + b' "access_token": "' + SECRET.encode() + b'" and so on'
        found = whole_body(data)
        assert found.cut
        assert found.text is not None
        assert SECRET[:8] not in found.text


def test_a_cut_through_a_character_leaves_it_out():
    data = "é".encode() * LIMIT
    found = whole_body(data, "text/plain")
    assert found.cut
    assert set(found.text or "") == {"é"}


def test_an_encoded_body_is_recorded_decoded_with_its_size_on_the_wire():
    encoded = gzip.compress(b'{"a": 1}')
    found = whole_body(encoded, "application/json", "gzip")
    assert bytes(found.json) == b'{"a":1}'
    assert (found.size, found.encoding) == (len(encoded), "gzip")


def test_of_a_body_that_cannot_be_decoded_nothing_is_kept():
    found = whole_body(b"not gzip " + SECRET.encode(), "text/plain", "gzip")
    assert found.undecoded
    assert found.data() == b""
    assert SECRET not in msgspec.json.encode(found).decode()


def test_the_digest_is_of_what_was_recorded():
    found = whole_body(b"grant_type=x&client_secret=" + SECRET.encode(), FORM)
    assert found.sha256 == digest(found.data())
    assert found.sha256 != digest(b"grant_type=x&client_secret=" + SECRET.encode())


@given(st.binary(max_size=500), st.sampled_from([None, "application/json", FORM, "text/html"]))
def test_any_bytes_have_exactly_one_form(data: bytes, media_type: str | None):
    found = content(data, media_type)
    forms = [found.json is not UNSET, found.form is not None, found.text is not None]
    assert sum([*forms, found.base64 is not None]) == 1
    if found.json is not UNSET:
        assert b"\n" not in bytes(found.json)


def test_half_a_known_secret_does_not_survive_a_cut_or_a_break():
    redactor = Redactor(bytes(32))
    redactor.headers([(b"Authorization", b"Bearer " + SECRET.encode())])
    for before, ended in ((b"\xc3\xa9" * LIMIT, True), (b"text ", False), (b'{"a": "', False)):
        for half in (10, 20, 31):
            data = before + SECRET[:half].encode()
            whole = len(data) <= LIMIT
            found = recorded(
                data,
                media_type=None,
                limit=3 * LIMIT,
                whole=whole,
                ended=ended,
                redactor=redactor,
            )
            assert SECRET[:8] not in (found.text or "")
