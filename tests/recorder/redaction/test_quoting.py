import html
import json
import re
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.redaction.pseudonym import Pseudonyms
from wiretape.recorder.redaction.quoted import MARK, closing
from wiretape.recorder.redaction.quoting import (
    HTML,
    PLAIN,
    Quoting,
    forms,
    percent_decoded,
    percent_encoded_like,
    requoted,
    unquoted,
)

TEXTS = st.text(max_size=20)


@given(TEXTS, st.integers(1, 4))
def test_a_json_string_in_json_strings_is_unquoted_and_quoted_again(text: str, depth: int) -> None:
    raw = text
    for _ in range(depth):
        raw = json.dumps(raw)[1:-1]
    assert unquoted(raw, Quoting("json", depth)) == text
    pseudonym = Pseudonyms(bytes(32)).of(text)
    again = requoted(pseudonym, Quoting("json", depth))
    assert unquoted(again, Quoting("json", depth)) == pseudonym


@pytest.mark.parametrize("raw", ["a\\", "a\\x", 'a"b\\n', "\\u12"])
def test_what_is_not_quoted_right_is_taken_as_it_stands(raw: str) -> None:
    assert unquoted(raw, Quoting("json", 1)) == raw


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert unquoted('\\ud800"a', Quoting("json", 1)) == '\\ud800"a'
    assert unquoted("\\ud800a", Quoting("json", 1)) == "?a"


@given(TEXTS)
def test_html_is_unquoted_and_quoted_again(text: str) -> None:
    raw = html.escape(text)
    assert unquoted(raw, HTML) == html.unescape(raw)
    assert html.unescape(requoted(text, HTML)) == html.unescape(raw)
    assert unquoted(text, PLAIN) == requoted(text, PLAIN) == text


@pytest.mark.parametrize("safe", ["", "/", "!'()*", ":/ "])
@given(text=TEXTS)
def test_a_percent_encoding_is_undone_and_done_the_same_way(safe: str, text: str) -> None:
    raw = quote(text, safe=safe)
    assert percent_decoded(raw) == (text if "%" in raw else raw)
    assert percent_encoded_like(text, raw) == raw
    lower = "".join(
        part if i == 0 else part[:2].lower() + part[2:] for i, part in enumerate(raw.split("%"))
    )
    assert unquote(percent_encoded_like(text, lower)) == text


@given(st.lists(st.tuples(st.text(min_size=1, max_size=3), st.booleans()), max_size=5))
def test_what_is_encoded_more_than_needed_is_so_again(parts: list[tuple[str, bool]]) -> None:
    raw = "".join(
        "".join(f"%{byte:02X}" for byte in text.encode()) if all_of_it else quote(text, safe="")
        for text, all_of_it in parts
    )
    assert percent_encoded_like("".join(text for text, _ in parts), raw) == raw


@pytest.mark.parametrize("text", ["100%", "%zz", "a%4", "%ff", "%C3%28"])
def test_what_is_no_percent_encoding_of_utf8_stays(text: str) -> None:
    assert percent_decoded(text) == text


@given(st.text("ab:/ \"\\'&<+%é", min_size=1, max_size=8))
def test_forms_are_what_others_write(text: str) -> None:
    written = forms(text, text, layers=2)
    for form in (
        text,
        json.dumps(text)[1:-1],
        json.dumps(json.dumps(text)[1:-1])[1:-1],
        quote(text, safe=""),
        quote(text),
        quote_plus(text),
        quote(quote(text, safe=""), safe=""),
        quote(json.dumps(text)[1:-1], safe=""),
        json.dumps(html.escape(text))[1:-1],
    ):
        assert form in written
    assert all(form == pseudonym for form, pseudonym in written.items())


def test_json_may_lie_in_json_in_json() -> None:
    deep = 'a"b'
    for _ in range(3):
        deep = json.dumps(deep)[1:-1]
    assert deep in forms('a"b', 'a"b', layers=2)
    assert deep not in forms('a"b', 'a"b', layers=1)


def test_a_plain_text_has_one_form() -> None:
    assert forms("Ab-1_2.3~", "Cd-4_5.6~", layers=2) == {"Ab-1_2.3~": "Cd-4_5.6~"}


@given(TEXTS.filter(lambda text: "\n" not in text), st.integers(1, 4))
def test_a_value_ends_where_its_json_string_does(text: str, depth: int) -> None:
    document = json.dumps({"a": text, "b": "c"})
    for _ in range(depth - 1):
        document = json.dumps(document)[1:-1]
    mark = "\\" * (2 ** (depth - 1) - 1) + '"'
    start = document.index(mark, document.index(": ")) + len(mark)
    end, quoting = closing(document, start, mark)
    assert quoting == Quoting("json", depth)
    assert unquoted(document[start:end], quoting) == text


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ('abc", "d"', '"', "abc"),
        ("abc', 'd'", "'", "abc"),
        ("abc", '"', "abc"),
        ('abc\n"', '"', "abc"),
        ('abc\\\\", "', '"', "abc\\\\"),
        ('abc\\", "', '"', 'abc\\", '),
        ('ab"', '\\"', "ab"),
        ("abc\\u0022,\\u0022d", "\\u0022", "abc"),
        ("ab\\\\u0022c\\u0022", "\\u0022", "ab\\\\u0022c"),
        ("ab\\\\\\\\\\u0022,", "\\u0022", "ab\\\\\\\\"),
        ('abu0022c"', "\\u0022", "abu0022c"),
        ("abc&quot;, x", "&quot;", "abc"),
        ("abc%22%2C%22d", "%22", "abc"),
        ("abc&d=%22", "%22", "abc"),
        ("abc", "%2522", "abc"),
    ],
)
def test_where_a_value_ends(text: str, mark: str, value: str) -> None:
    end, _ = closing(text, 0, mark)
    assert text[:end] == value


def test_marks() -> None:
    for mark in ['"', "'", '\\"', '\\\\\\"', "\\u0022", "&quot;", "&#34;", "%22", "%252522"]:
        assert re.fullmatch(MARK, mark)
