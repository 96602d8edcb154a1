import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from wiretape.recorder.log.raw import fields, items, text, texts


def test_fields_of_an_object_are_raw() -> None:
    assert fields(Raw(b'{"a": [1], "b": "x"}')) == {"a": Raw(b"[1]"), "b": Raw(b'"x"')}


@pytest.mark.parametrize("raw", [None, Raw(b"[]"), Raw(b'"a"'), Raw(b"{"), Raw(b"")])
def test_anything_else_has_no_fields(raw: Raw | None) -> None:
    assert fields(raw) == {}


def test_a_string_is_its_text() -> None:
    assert text(Raw(b'"\\u00e9"')) == "é"


@pytest.mark.parametrize("raw", [None, Raw(b"1"), Raw(b"null"), Raw(b'"'), Raw(b"")])
def test_anything_else_is_no_text(raw: Raw | None) -> None:
    assert text(raw) is None


@given(st.binary())
def test_no_bytes_raise(raw: bytes) -> None:
    fields(Raw(raw))
    items(Raw(raw))
    text(Raw(raw))
    texts(Raw(raw))


def test_an_array_of_strings_is_its_texts() -> None:
    assert texts(Raw(b'["a", "b"]')) == ("a", "b")


@pytest.mark.parametrize("raw", [None, Raw(b'["a", 1]'), Raw(b'"a"'), Raw(b"[")])
def test_anything_else_has_no_texts(raw: Raw | None) -> None:
    assert texts(raw) == ()


def test_items_of_an_array_are_raw() -> None:
    assert items(Raw(b'[{"a": 1}, "b"]')) == (Raw(b'{"a": 1}'), Raw(b'"b"'))


@pytest.mark.parametrize("raw", [None, Raw(b"{}"), Raw(b'"a"'), Raw(b"["), Raw(b"")])
def test_anything_else_has_no_items(raw: Raw | None) -> None:
    assert items(raw) == ()
