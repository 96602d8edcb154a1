"""SARIF 2.1.0: what the published schema, and GitHub's code scanning, ask for."""

from pathlib import Path
from typing import Any

import pytest

from comparing import compared
from hostile import hostile
from official import official
from our_bridge import our_bridge
from play import Play
from sarif_essentials import ESSENTIALS
from wiretape.analysis.comparison.sarif import sarif


def written(subject: Play, scratch: Path, **accepted: str) -> dict[str, Any]:
    path = subject.write(scratch / "a recording, of ours.jsonl")
    log = sarif(compared(official(), path, accepted))
    ESSENTIALS.validate(log)
    return log


@pytest.mark.parametrize("subject", [our_bridge, official, hostile])
def test_it_is_valid(subject: Any, tmp_path: Path) -> None:
    log = written(subject(), tmp_path)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [result["ruleId"] for result in run["results"]] == rules
    assert [rules[result["ruleIndex"]] for result in run["results"]] == rules


def test_a_result_is_at_the_subject_s_line_and_points_to_the_reference(tmp_path: Path) -> None:
    results = {
        result["ruleId"]: result for result in written(our_bridge(), tmp_path)["runs"][0]["results"]
    }
    found = results["token.lifetime"]
    assert found["level"] == "warning"
    assert found["message"]["text"].startswith("Access tokens live for 30 s instead of 3300 s. ")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].startswith("file:///")
    assert place["artifactLocation"]["uri"].endswith("/a%20recording%2C%20of%20ours.jsonl")
    assert place["region"]["startLine"] == 76
    related = found["relatedLocations"][0]["physicalLocation"]
    assert related["artifactLocation"]["uri"].endswith("/reference.jsonl")


def test_what_is_accepted_is_suppressed(tmp_path: Path) -> None:
    accepted = {"token.lifetime": "while we test"}
    results = written(our_bridge(), tmp_path, **accepted)["runs"][0]["results"]
    suppressed = [each for each in results if "suppressions" in each]
    assert [each["ruleId"] for each in suppressed] == ["token.lifetime"]
    assert suppressed[0]["suppressions"] == [{"kind": "external", "justification": "while we test"}]
