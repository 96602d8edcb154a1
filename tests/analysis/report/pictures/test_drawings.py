"""Drawings stay within their frames, and in order, whatever they draw."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.facts import Place
from wiretape.analysis.finding import Finding
from wiretape.analysis.picture import Issue, Journey, Lineage, Refusal, Step
from wiretape.analysis.report.pictures.axis import decades, seconds, ticks
from wiretape.analysis.report.pictures.moments import moments
from wiretape.analysis.report.pictures.quantiles import quantiles
from wiretape.analysis.report.pictures.sequence import sequence, shortened
from wiretape.analysis.report.pictures.timeline import timeline

HERE = Place(0, 2)
CHARACTER = 7.3
TIMES = st.floats(0, 10**7)
LIFETIMES = st.none() | st.floats(0, 10**9) | st.floats(-10, 10)


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    first, last = sorted((draw(TIMES), draw(TIMES)))
    used, refused = draw(st.booleans()), draw(st.none() | TIMES)
    uses = 2 * used + (refused is not None)
    return Issue(
        t=draw(TIMES),
        by=draw(st.text(max_size=20)),
        token="…abcdef",
        expires_in=draw(LIFETIMES),
        rotated=draw(st.none() | st.booleans()),
        first_success=first if used else None,
        last_success=last if used else None,
        first_refusal=refused,
        place=HERE,
        evidence=tuple(Place(0, 3 + number) for number in range(uses)),
    )


REFUSALS = st.builds(
    Refusal,
    t=TIMES,
    by=st.text(max_size=9),
    status=st.none() | st.integers(100, 599),
    error=st.none() | st.text(max_size=9),
    place=st.just(HERE),
)
LINEAGES = st.builds(
    Lineage,
    recording=st.just(0),
    client_id=st.none(),
    issues=st.lists(issues(), min_size=1, max_size=5).map(tuple),
    refusals=st.lists(REFUSALS, max_size=3).map(tuple),
    left=st.just(0),
)


@given(LINEAGES)
def test_a_timeline_stays_in_its_frame(lineage: Lineage) -> None:
    drawn = timeline(lineage)
    assert len(drawn.bars) == len(lineage.issues)
    for bar in drawn.bars:
        xs = [bar.issued, *(bar.used or ()), *(x for x in (bar.expires, bar.refused) if x)]
        assert all(drawn.left <= x <= drawn.width for x in xs)
        assert 0 < bar.y < drawn.bottom
    assert all(drawn.left <= tick.at <= drawn.width for tick in drawn.ticks)
    assert 1 <= len(drawn.ticks) <= 10


@given(LINEAGES)
def test_moments_are_told_in_order(lineage: Lineage) -> None:
    told = moments(lineage)
    assert [moment.t for moment in told] == sorted(moment.t for moment in told)
    assert sum(moment.what.startswith("issued") for moment in told) == len(lineage.issues)


NAMES = st.text(min_size=1, max_size=60)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=8))
def test_texts_fit_between_the_lines_of_a_sequence(said: list[tuple[str, str, str]]) -> None:
    steps = tuple(
        Step(
            by="client",
            to=f"https://{to}",
            asked=asked,
            answered=answered,
            ending="fine",
            t=0.0,
            count=1,
            place=HERE,
        )
        for to, asked, answered in said
    )
    people = ("client", *dict.fromkeys(step.to for step in steps))
    journey = Journey(recording=0, client="c", participants=people, steps=steps, left=0)
    drawn = sequence(journey)
    xs = [line.x for line in drawn.lifelines]
    assert xs == sorted(xs)
    assert xs[-1] < drawn.width
    for arrow in drawn.arrows:
        for text in (arrow.asked, arrow.answered):
            assert arrow.text_x + len(text) * CHARACTER <= max(arrow.x1, arrow.x2)
        assert arrow.back < drawn.height


def test_a_text_is_cut_in_its_middle() -> None:
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghijk", 6) == "abc…jk"


@given(st.floats(10**-4, 10**9))
def test_an_axis_has_a_few_round_ticks(span: float) -> None:
    marks = ticks(span)
    assert 1 <= len(marks) <= 10
    assert all(0 <= tick.at <= span * (1 + 10**-9) for tick in marks)


def test_times_are_said_in_the_unit_that_fits() -> None:
    said = [seconds(number) for number in (0, 0.0125, 1.5, 90, 120, 3300, 7200, 200_000)]
    assert said == ["0", "12.5 ms", "1.5 s", "90 s", "2 min", "55 min", "2 h", "2.31 d"]


def test_a_logarithmic_axis_runs_over_whole_decades() -> None:
    assert decades(3, 250) == [0, 1, 2, 3]
    assert decades(10, 10) == [1, 2]


def latency(name: str, **values: float) -> Finding:
    count = int(values.get("count", 1))
    return Finding(id=f"latency.method.{name}", title=name, value=dict(values), count=count)


def test_latencies_stand_in_order_on_one_axis() -> None:
    drawn = quantiles(
        [
            latency("initialize", p50=12, p90=40, p99=80, max=120, count=90),
            latency("tools/list", p50=2, p90=3, max=4, count=10),
            latency("tools/call", p50=0, max=0, count=1),
            latency("odd", p50=1),
        ]
    )
    assert drawn is not None
    many, several, one = drawn.bars
    assert many.p90 is not None
    assert many.p50 < many.p90 < many.end < many.max <= drawn.width
    assert several.p50 < several.end < several.max
    assert (many.end, several.end) == (many.p99, several.p90)
    assert one.p50 == one.end == one.max < several.p50
    assert [bar.said for bar in drawn.bars] == ["12 ms … 80 ms", "2 ms … 3 ms", "0.001 ms"]
    assert quantiles([]) is None


@given(LINEAGES)
def test_labels_of_refusals_do_not_cover_each_other(lineage: Lineage) -> None:
    drawn = timeline(lineage)
    spans: dict[float, list[tuple[float, float]]] = {}
    for cross in drawn.crosses:
        width = len(cross.what) * CHARACTER
        spans.setdefault(cross.y, []).append(
            (cross.text_x - width, cross.x) if cross.left else (cross.x, cross.text_x + width)
        )
        assert cross.y < drawn.bottom
    for beside in spans.values():
        for (_, end), (start, _) in pairwise(sorted(beside)):
            assert end <= start
