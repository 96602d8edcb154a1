from typing import Any

import pytest

from outcomes import HOSTILE, hostile, mixed, report, result
from sarif_essentials import ESSENTIALS
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.sarif import sarif


def run(given: Report) -> Any:
    log = sarif(given)
    ESSENTIALS.validate(log)
    return log["runs"][0]


@pytest.mark.parametrize("given", [mixed(), hostile(), report()])
def test_it_is_valid_and_each_check_is_a_rule(given: Report) -> None:
    found = run(given)
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert rules == [each.id for each in given.results]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in found["results"])


def test_levels_tell_what_fails_the_run() -> None:
    levels = {each["ruleId"]: each["level"] for each in run(mixed())["results"]}
    assert levels == {
        "pkce.wrong-verifier": "error",
        "restart.kept": "error",
        "cors.exposed": "warning",
        "refresh.lost": "note",
    }
    accepted = run(mixed(untestable_accepted=True))["results"]
    assert {each["level"] for each in accepted if each["ruleId"] == "restart.kept"} == {"note"}


def test_a_result_is_at_what_is_in_the_repository_and_points_into_the_recording() -> None:
    (found,) = (each for each in run(mixed())["results"] if each["ruleId"] == "pkce.wrong-verifier")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "examples/bridge/wiretape.toml"
    related = [
        (each["physicalLocation"]["region"]["startLine"], each["message"]["text"])
        for each in found["relatedLocations"]
    ]
    assert related == [
        (13, "client → target: POST /token authorization_code → 200"),
        (15, "target → service: POST /v1/token → no answer"),
    ]


def test_without_a_file_it_is_in_the_recording() -> None:
    given = report(result("a.b", "fail"), config=None, recording="/tmp/a b.jsonl")
    place = run(given)["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "file:///tmp/a%20b.jsonl"},
        "region": {"startLine": 13},
    }


def test_what_is_expected_is_suppressed_with_its_reason() -> None:
    suppressed = [each for each in run(mixed())["results"] if "suppressions" in each]
    assert [each["suppressions"] for each in suppressed] == [
        [{"kind": "external", "justification": "the library cannot; see its tracker"}]
    ]


def test_a_stale_baseline_is_told() -> None:
    (invocation,) = run(hostile())["invocations"]
    said = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert said == [
        "b.passes passes: take it out of the baseline",
        f"{printable(HOSTILE)} is no check: take it out of the baseline",
    ]
