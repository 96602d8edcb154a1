from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.redaction.spans import Span, assemble, outermost

TEXT = "0123456789"


def test_spans_are_replaced_and_the_rest_goes_through_between() -> None:
    spans = [Span(1, 3, "A", "r"), Span(5, 6, "B", "r")]
    assert assemble(TEXT, spans) == "0A34B6789"
    assert assemble(TEXT, spans, lambda gap: f"<{gap}>") == "<0>A<34>B<6789>"


def test_the_longest_of_those_that_begin_together_holds_and_of_equals_the_first() -> None:
    spans = [Span(1, 3, "A", "r"), Span(1, 5, "B", "r"), Span(1, 5, "C", "r")]
    assert outermost(spans) == [spans[1]]


def test_the_rest_of_an_overlapping_span_is_blotted_out() -> None:
    assert assemble(TEXT, outermost([Span(1, 4, "A", "r"), Span(3, 7, "B", "r")])) == "0Axxx789"


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 10)).filter(lambda ends: ends[0] < ends[1])
    )
)
def test_nothing_that_a_span_covers_remains(ends: list[tuple[int, int]]) -> None:
    spans = [Span(start, end, "-", "r") for start, end in ends]
    remaining = set(assemble(TEXT, outermost(spans))) - set("-x")
    covered = {TEXT[at] for start, end in ends for at in range(start, end)}
    assert remaining == set(TEXT) - covered
