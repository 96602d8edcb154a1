from pathlib import Path

import pytest

from outcomes import HOSTILE
from outcomes import report as drawn_up
from outcomes import result as judged
from wiretape.recorder.errors import BadInputError
from wiretape.replay.conformance.baseline import applied, read, written
from wiretape.replay.conformance.report import Report, Result
from wiretape.replay.conformance.verdict import Outcome

KNOWN = ("a", "b")


def result(id_: str, outcome: Outcome) -> Result:
    return Result(
        id=id_,
        family="family",
        about="A family",
        title="A title",
        severity="MUST",
        source="RFC",
        url=None,
        outcome=outcome,
        seen="this",
        remedy="that",
    )


def report(outcome: Outcome, expected: dict[str, str]) -> Report:
    given, stale = applied([result("a", outcome)], expected, KNOWN)
    return Report(target="bridge", profile=None, recording="r.jsonl", results=given, stale=stale)


@pytest.mark.parametrize(
    ("outcome", "good"), [("pass", True), ("warn", True), ("fail", False), ("untestable", False)]
)
def test_a_run_without_a_baseline(outcome: Outcome, good: bool) -> None:
    assert report(outcome, {}).good is good


@pytest.mark.parametrize("outcome", ["fail", "untestable", "warn"])
def test_what_is_expected_does_not_fail_the_run(outcome: Outcome) -> None:
    found = report(outcome, {"a": "a reason"})
    assert found.good
    assert found.results[0].expected == "a reason"


def test_what_passes_in_spite_of_it_is_stale() -> None:
    found = report("pass", {"a": "a reason"})
    assert (found.good, found.stale, found.results[0].expected) == (False, ("a",), None)


def test_what_is_no_check_is_stale_and_what_was_not_chosen_is_not() -> None:
    assert report("pass", {"no-check": "a reason"}).stale == ("no-check",)
    assert report("pass", {"b": "a reason"}).good


def test_read(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text('[expected]\n"a" = "a reason"\n')
    assert read(file) == {"a": "a reason"}


@pytest.mark.parametrize(
    "text",
    ["[", "[other]", '[expected]\n"a" = " "', '[expected]\n"a" = "todo"', "expected = 3", "\x00"],
)
def test_what_is_no_baseline(tmp_path: Path, text: str) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=r"known\.toml: "):
        read(file)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        read(tmp_path / "none.toml")


def test_what_fails_is_written_down_and_wants_reasons(tmp_path: Path) -> None:
    results = (
        judged("a.fails", "fail", seen=HOSTILE),
        judged("a.untestable", "untestable"),
        judged("a.known", "fail", expected='a "reason"'),
        judged("a.warns", "warn"),
        judged("a.passes", "pass"),
    )
    file = tmp_path / "known.toml"
    file.write_text(written(drawn_up(*results, stale=("a.passes",))))
    with pytest.raises(
        BadInputError, match=r"expected\.a\.fails: it says TODO, which is no reason"
    ):
        read(file)
    file.write_text(file.read_text().replace("TODO: why, and until when?", "known"))
    assert read(file) == {"a.fails": "known", "a.untestable": "known", "a.known": 'a "reason"'}


def test_what_is_accepted_is_not_written_down(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(written(drawn_up(judged("a", "untestable"), untestable_accepted=True)))
    assert read(file) == {}
