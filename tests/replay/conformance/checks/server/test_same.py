"""What a comparison that was noted says of a server."""

import msgspec
import pytest

from trials import Trial
from wiretape.analysis.comparison.rule import rules
from wiretape.replay.conformance.checks.server.same import FAMILY
from wiretape.replay.conformance.verdict import Outcome, Verdict

JUDGES = {check.id.removeprefix("same."): check.judge for check in FAMILY.checks}


def judged(compared: int = 0, unseen: list[str] | None = None, **worst: str) -> Verdict:
    trial = Trial()
    different = [
        {
            "id": f"cors.{severity}",
            "severity": severity,
            "title": title,
            "remedy": "Mend it.",
            "seen": "this instead of that",
            "lines": [3, 2],
        }
        for severity, title in worst.items()
    ]
    area = {"area": "cors", "compared": compared, "unseen": unseen or [], "different": different}
    trial.note("compared", msgspec.json.encode(area | {"area": "tools"}).decode())
    trial.note("compared", msgspec.json.encode(area).decode())
    return JUDGES["cors"](trial.evidence)


@pytest.mark.parametrize(
    ("severity", "outcome"), [("breaking", "fail"), ("risky", "warn"), ("cosmetic", "warn")]
)
def test_a_difference_is_as_bad_as_it_is(severity: str, outcome: Outcome) -> None:
    found = judged(9, **{severity: "Another header"})
    assert (found.outcome, found.lines) == (outcome, (2, 3))
    assert found.seen == f"Another header: this instead of that (cors.{severity})"


def test_of_several_the_worst_is_told() -> None:
    found = judged(9, breaking="No header", risky="Another header")
    assert found.outcome == "fail"
    assert found.seen.endswith("(cors.breaking), and 1 more: cors.risky")


def test_what_was_compared_and_does_not_differ_passes() -> None:
    assert judged(2).seen == "2 findings are as the profile has them"
    assert judged(2).outcome == "pass"
    told = "2 findings are as the profile has them; not seen: a, b, c and 1 more"
    assert judged(2, ["a", "b", "c", "d"]).seen == told


def test_what_the_probe_could_not_see_is_untestable() -> None:
    found = judged(0, ["cors.mcp.actual"])
    assert (found.outcome, found.seen) == ("untestable", "the probe could not see cors.mcp.actual")


def test_what_the_profile_does_not_tell_is_not_asked_for() -> None:
    assert judged() == Verdict("pass", "the profile says nothing of it")


def test_a_server_that_was_not_compared_is_untestable() -> None:
    for judge in JUDGES.values():
        assert judge(Trial().evidence).outcome == "untestable"


def test_every_rule_that_judges_is_a_check() -> None:
    named = {area.replace("_", "-") for area, rule in rules().items() if rule.judges}
    assert JUDGES.keys() == named | {"rest"}
