"""JUnit XML as Jenkins' and GitLab's readers take it."""

from xml.etree.ElementTree import Element, fromstring

import pytest

from outcomes import HOSTILE, hostile, mixed, report, result
from wiretape.recorder.log.printable import printable
from wiretape.replay.conformance.report import Report
from wiretape.replay.conformance.reporters.junit import junit


def cases(given: Report) -> dict[str, Element]:
    found = fromstring(junit(given).encode()).iter("testcase")
    return {case.attrib["name"]: case for case in found}


@pytest.mark.parametrize(
    ("name", "tag", "message"),
    [
        ("pkce.wrong-verifier", "failure", "what pkce.wrong-verifier saw"),
        ("restart.kept", "error", "what restart.kept saw"),
        ("refresh.lost", "skipped", "the library cannot; see its tracker"),
        ("cors.exposed", "system-out", None),
    ],
)
def test_each_standing_is_told_in_its_own_way(name: str, tag: str, message: str | None) -> None:
    (told,) = cases(mixed())[name]
    assert (told.tag, told.get("message")) == (tag, message)
    assert f"What {name} asks for" in (told.text or "")
    assert f"How to mend {name}" in (told.text or "")


def test_a_case_that_passes_is_empty() -> None:
    case = cases(mixed())["pkce.required"]
    assert len(case) == 0
    assert case.attrib == {"classname": "bridge.pkce", "name": "pkce.required"}


def test_a_failure_shows_requirement_both_sides_and_remedy() -> None:
    (failure,) = cases(mixed())["pkce.wrong-verifier"]
    assert failure.text is not None
    assert failure.text.splitlines() == [
        "What pkce.wrong-verifier asks for",
        "requires MUST: RFC 7636, 4.6",
        "         https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
        "seen     what pkce.wrong-verifier saw",
        "         client → target: POST /token authorization_code → 200 (lines 13, 14)",
        "         target → service: POST /v1/token → no answer (line 15)",
        "remedy   How to mend pkce.wrong-verifier",
    ]


def test_suites_are_families_and_count_their_cases() -> None:
    root = fromstring(junit(mixed()).encode())
    told = {"tests": "5", "failures": "1", "errors": "1", "skipped": "1"}
    assert root.attrib == {"name": "wiretape conform bridge", "time": "12.340"} | told
    pkce = next(suite for suite in root if suite.get("name") == "bridge.pkce")
    counts = (pkce.get("tests"), pkce.get("failures"), pkce.get("errors"), pkce.get("skipped"))
    assert counts == ("2", "1", "0", "0")


def test_what_is_untestable_and_accepted_is_skipped() -> None:
    (told,) = cases(mixed(untestable_accepted=True))["restart.kept"]
    assert told.tag == "skipped"
    assert told.get("message") == "untestable, which was accepted: what restart.kept saw"


def test_a_stale_entry_is_a_failure() -> None:
    given = report(result("a.passes", "pass"), stale=("a.passes", "no.check"))
    found = cases(given)
    root = fromstring(junit(given).encode())
    assert root.attrib["failures"] == "2"
    (told,) = found["no.check"]
    assert told.get("message") == "no.check is no check: take it out of the baseline"
    baseline = root.findall("./testsuite[@name='baseline']/testcase")
    assert [case.get("name") for case in baseline] == ["a.passes", "no.check"]


def test_whatever_was_recorded_it_is_well_formed_and_says_so() -> None:
    found = cases(hostile())
    assert printable(HOSTILE) in (found["a.fails"][0].text or "")
    assert found["a.fails"][0].get("message") == printable(HOSTILE)
    assert all(line.isprintable() for line in junit(hostile()).splitlines())


def test_nothing_was_checked() -> None:
    assert fromstring(junit(report()).encode()).get("tests") == "0"
