"""What most facts say is concluded; the others are counted in the note."""

from datetime import UTC, datetime

from wiretape.analysis.concluding.usual import places, usual
from wiretape.analysis.facts import Fact, Facts, Place, Point, Tally

AT = datetime(2025, 8, 29, tzinfo=UTC)


def tally(*lines: int) -> Tally:
    facts = Facts()
    for line in lines:
        facts.add(Fact(("a",)), Point(0, line, AT, 0.0))
    found = facts.get("a")
    assert found is not None
    return found


def test_what_most_say_with_its_lines() -> None:
    seen = [({"x": 1}, tally(2)), ({"y": 2}, tally(3, 5)), ({"x": 1}, tally(4, 9))]
    (found,) = usual("a.b", "A", seen)

    assert found.value == {"x": 1}
    assert found.count == 3
    assert [place.line for place in found.evidence] == [2, 4, 9]
    assert found.note == 'also seen: {"y":2} (2)'


def test_of_as_many_the_first_counts() -> None:
    (found,) = usual("a.b", "A", [("late", tally(7, 8)), ("early", tally(1, 9))])
    assert found.value == "early"


def test_the_order_of_names_in_an_object_makes_no_difference() -> None:
    seen = [({"x": 1, "y": 2}, tally(1)), ({"y": 2, "x": 1}, tally(2))]
    (found,) = usual("a.b", "A", seen, note="so")

    assert (found.count, found.note) == (2, "so")


def test_not_too_many_places_each_once() -> None:
    assert len(places([tally(*range(8)), tally(*range(4, 12)), tally(*range(20, 28))])) == 12
    assert places([tally(3, 1), tally(1)]) == (Place(0, 1), Place(0, 3))


def test_many_others_are_only_counted() -> None:
    seen = [("a", tally(2, 3)), *((str(n), tally(n)) for n in range(4, 9))]
    (found,) = usual("a.b", "A", seen)
    assert found.note == "5 of 7 differ"


def test_of_nothing_nothing_is_found() -> None:
    assert list(usual("a.b", "A", [])) == []
