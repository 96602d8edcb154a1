"""GitHub's workflow commands: one line each, whatever is in them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.comparison.annotations import annotations
from wiretape.analysis.comparison.model import Comparison, Difference, Shown, Side, Sighting

COMMAND = re.compile(
    r"::(error|warning|notice) file=([^,:]*),line=(\d+),title=([^,:]*)::([^\r\n]*)"
)


def comparison(title: str, file: str = "b.jsonl", lines: tuple[int, ...] = (7, 9)) -> Comparison:
    shown = Shown(finding="token.type", value=None, lines=lines)
    difference = Difference(
        id="token.type",
        area="tokens",
        severity="breaking",
        title=title,
        why=title,
        remedy="none",
        requirement=None,
        clients=(),
        sightings=(Sighting(title="t", reference=None, subject=shown),),
    )
    side = Side(file=file, kind="recording", service=(), upstream=())
    return Comparison(
        schema_="wiretape.comparison/1",
        wiretape="0",
        reference=side,
        subject=side,
        compared=1,
        differences=(difference, difference.model_copy(update={"accepted": "known"})),
        stale=(),
        misnamed=(),
        unseen=(),
    )


def unescaped(text: str) -> str:
    for escape, character in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r")):
        text = text.replace(escape, character)
    return text.replace("%25", "%")


def test_what_is_not_accepted_is_told_where_it_is() -> None:
    (line,) = annotations(comparison("50 %, or less: no"))
    assert line == (
        "::error file=b.jsonl,line=7,title=50 %25%2C or less%3A no::"
        "50 %25, or less: no Remedy: none (token.type)"
    )


def test_without_a_line_it_is_the_first() -> None:
    (line,) = annotations(comparison("t", lines=()))
    assert ",line=1," in line


@given(st.text(), st.text())
def test_no_text_breaks_out_of_its_place(title: str, file: str) -> None:
    (line,) = annotations(comparison(title, file))
    found = COMMAND.fullmatch(line)
    assert found is not None
    assert line.isprintable()


@given(st.text("ab%,:\r\n2C"))
def test_a_title_is_read_back_as_it_is(title: str) -> None:
    (line,) = annotations(comparison(title))
    found = COMMAND.fullmatch(line)
    assert found is not None
    assert unescaped(found[4]) == title
