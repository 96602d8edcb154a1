from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from play import START
from wiretape.analysis.facts import KEPT, Fact, Facts, Measured, Place, Point, Tally
from wiretape.analysis.times import bucket

type Seen = tuple[int, Fact]


def point(line: int, recording: int = 0) -> Point:
    return Point(recording, line, START + timedelta(seconds=line), float(line))


def seconds(thing: float) -> float:
    return thing


FACTS = st.builds(
    lambda line, measured, value: (
        line,
        Fact(("timed" if measured else "told",), value, measure=value % 5, measured=measured),
    ),
    st.integers(2, 60),
    st.sampled_from([seconds, None]),
    st.integers(0, 50),
)


def tallied(seen: list[Seen]) -> Facts:
    facts = Facts()
    for line, fact in seen:
        facts.add(fact, point(line))
    return facts


def tallies(facts: Facts) -> dict[object, Tally]:
    return dict(facts)


@given(st.lists(FACTS, max_size=40), st.data())
def test_a_tally_depends_neither_on_order_nor_on_splits(
    seen: list[Seen], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(seen))
    cut = data.draw(st.integers(0, len(seen)))
    parted = tallied(shuffled[:cut])
    parted.merge(tallied(shuffled[cut:]))
    assert tallies(parted) == tallies(tallied(seen))


def test_a_tally_knows_how_many_where_and_the_extremes() -> None:
    facts = tallied([(n, Fact(("used", "t"), f"v{n}", measure=-n)) for n in range(2, 22)])
    tally = facts.get("used", "t")
    assert tally is not None
    assert (tally.count, tally.first, tally.last) == (20, point(2), point(21))
    assert tally.values == [f"v{n}" for n in range(2, 2 + KEPT)]
    assert tally.value == "v2"
    assert tally.places == (*(Place(0, n) for n in range(2, 2 + KEPT)), Place(0, 21))
    assert (tally.low, tally.high) == (Measured(-21, Place(0, 21)), Measured(-2, Place(0, 2)))


def test_a_tally_knows_how_large_measures_are() -> None:
    facts = tallied(
        [(n, Fact(("took",), measure=float(n % 3 + 1), measured=seconds)) for n in range(2, 8)]
    )
    tally = facts.get("took")
    assert tally is not None
    assert tally.spread == {bucket(1.0): 2, bucket(2.0): 2, bucket(3.0): 2}
    assert (tally.low, tally.high) == (Measured(1.0, Place(0, 3)), Measured(3.0, Place(0, 2)))


def test_a_fact_may_ask_to_be_kept_longer_or_stand_elsewhere() -> None:
    facts = tallied([(n, Fact(("step",), n, keep=30, point=point(n - 1))) for n in range(2, 62)])
    other = tallied([(n, Fact(("step",), n, keep=30)) for n in range(70, 80)])
    facts.merge(other)
    tally = facts.get("step")
    assert tally is not None
    assert (tally.values, tally.first) == (list(range(2, 32)), point(1))


def test_facts_are_found_by_the_beginning_of_their_keys() -> None:
    facts = tallied(
        [(9, Fact(("cors", "mcp", 204))), (4, Fact(("cors", "sse", 200))), (3, Fact(("other",)))]
    )
    assert [rest for rest, _ in facts.of("cors")] == [("sse", 200), ("mcp", 204)]
    assert [rest for rest, _ in facts.of("cors", "mcp")] == [(204,)]
    assert facts.get("cors") is None
    assert len(facts) == 3
