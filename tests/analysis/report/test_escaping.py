"""Escaped text, read by a real Markdown parser, is the text again and nothing else."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from hostile import EVIL
from wiretape.analysis.report.escaping import block, code, mermaid, prose
from wiretape.recorder.log.printable import printable

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEXTS = st.text() | st.text("`|\\<>[]()*_~#-+!&;:@/hwtps.1 \n") | st.sampled_from(EVIL)


def inline(text: str) -> list[Token]:
    """Parse a paragraph; gives what is in it."""
    outer = MARKDOWN.parse(text)
    assert [token.type for token in outer] == ["paragraph_open", "inline", "paragraph_close"]
    return outer[1].children or []


@given(TEXTS.map(lambda text: text.strip(" ")).filter(bool))
def test_prose_is_a_paragraph_of_text(text: str) -> None:
    tokens = inline(prose(text))
    assert {token.type for token in tokens} <= {"text", "text_special"}
    assert "".join(token.content for token in tokens) == printable(text)


@given(TEXTS.filter(lambda text: printable(text).strip()))
def test_code_is_one_piece_of_code(text: str) -> None:
    (token,) = inline(code(text))
    assert token.type == "code_inline"
    assert token.content.replace("\\|", "|").strip(" ") == printable(text).strip(" ")


@given(TEXTS, TEXTS)
def test_a_row_keeps_its_cells(one: str, other: str) -> None:
    rows = f"| a | b | c |\n| --- | --- | --- |\n| {prose(one)} | {code(other)} | c |"
    tokens = MARKDOWN.parse(rows)
    cells = [after for token, after in pairwise(tokens) if token.type == "td_open"]
    assert len(cells) == 3
    assert cells[2].content == "c"
    assert {each.type for each in cells[0].children or []} <= {"text", "text_special"}
    assert {each.type for each in cells[1].children or []} <= {"code_inline"}


@given(TEXTS)
def test_a_block_ends_where_it_should(text: str) -> None:
    lines = "\n".join(map(printable, text.split("\n")))
    (token,) = MARKDOWN.parse(block(lines, "json"))
    assert (token.type, token.content) == ("fence", f"{lines}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://a.example/x", "see https&#58;//a.example/x"),
        ("www.a.example", "www&#46;a.example"),
        ("ask @someone", "ask &#64;someone"),
        ("a_b *c*", r"a\_b \*c\*"),
        ("2025-08-29 is 3.5 (or so)", "2025-08-29 is 3.5 (or so)"),
        ("1. one", r"1\. one"),
        ("- item", r"\- item"),
        ("-", r"\-"),
        ("-5", "-5"),
    ],
)
def test_only_what_github_would_act_on_is_escaped(text: str, expected: str) -> None:
    assert prose(text) == expected


@given(TEXTS)
def test_no_text_leaves_its_line_of_a_diagram(text: str) -> None:
    escaped = mermaid(text)
    assert re.fullmatch(r"(?:[A-Za-z0-9 /.:,_?&=()→…-]|#\d+;)*", escaped)
    spelt = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), escaped)
    assert spelt == printable(text)


def test_words_of_the_diagram_s_language_are_spelt_out() -> None:
    assert mermaid("the end, note") == "the #101;nd, #110;ote"
    assert mermaid("endpoint") == "endpoint"
