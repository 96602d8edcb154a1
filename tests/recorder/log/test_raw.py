import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from wiretape.recorder.log.raw import fields, items, text, texts, value


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
    value(Raw(raw))
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


@pytest.mark.parametrize(
    ("raw", "found"),
    [(Raw(b'{"a": [1, null]}'), {"a": [1, None]}), ('"x"', "x"), (None, None), ("{", None)],
)
def test_a_value_is_decoded_whole(raw: Raw | str | None, found: object) -> None:
    assert value(raw) == found


@pytest.mark.parametrize(("opening", "closing"), ["[]", ('{"a":', "}")])
def test_what_is_nested_too_deeply_to_be_followed_is_nothing(opening: str, closing: str) -> None:
    assert value(f"{opening * 199}1{closing * 199}") is not None
    for levels in (200, 5_000, 100_000):
        assert value(f"{opening * levels}1{closing * levels}") is None
