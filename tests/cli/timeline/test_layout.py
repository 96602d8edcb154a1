import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wiretape.cli.timeline.layout import Row, Styled, cut_end, lay_out

TEXT = st.text(st.characters(categories=["L", "N", "P"]), max_size=60)
ROWS = st.lists(
    st.builds(
        Row,
        t=st.just("1.000"),
        number=st.just("12"),
        method=st.sampled_from(["", "GET"]),
        request=TEXT,
        status=st.sampled_from(["", "200"]),
        what=TEXT,
        inside=st.just("") | TEXT,
        wrong=st.just("") | TEXT,
        took=st.sampled_from(["", "20 ms"]),
        size=st.sampled_from(["", "1.2 kB"]),
    ),
    max_size=8,
)


def plain(line: Styled) -> str:
    return "".join(text for text, _ in line)


@given(ROWS, st.integers(40, 140))
def test_every_line_fits(rows: list[Row], width: int) -> None:
    assert all(cell_len(plain(line)) <= width for line in lay_out(rows, width))


@given(ROWS)
def test_without_a_width_every_text_is_whole(rows: list[Row]) -> None:
    _, *lines = map(plain, lay_out(rows, None))
    for row, line in zip(rows, lines, strict=True):
        whole = (row.inside,) if row.inside or not row.request else (row.request, row.what)
        assert all(text in line for text in (*whole, row.wrong))


def test_the_end_of_a_request_and_the_beginning_of_the_rest_are_kept() -> None:
    row = Row(number="1", request="/" + "a" * 90 + "/end", what="begin" + "b" * 90)
    *_, line = lay_out([row], 60)
    assert plain(line).startswith("1 …a")
    assert "/end begin" in plain(line)
    assert plain(line).endswith("b…")


def test_a_column_that_nobody_fills_is_left_out() -> None:
    head, _ = map(plain, lay_out([Row(number="1", request="x", what="y")], 80))
    assert head.split() == ["#", "request", "what"]


@pytest.mark.parametrize("width", [1, 2, 5, 6])
def test_a_line_is_cut_between_wide_characters(width: int) -> None:
    assert cell_len(plain(cut_end([("漢", ""), ("字漢", "bold")], width))) <= width


def test_a_line_that_fits_is_left_alone() -> None:
    line = [("abc", ""), ("d", "bold")]
    assert cut_end(line, 4) == cut_end(line, None) == line
