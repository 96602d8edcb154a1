"""Troubles are differences if only the subject has them."""

from pkgutil import iter_modules

import pytest

from comparing import compared, difference
from official import official
from our_bridge import our_bridge
from wiretape.analysis import diagnoses
from wiretape.analysis.comparison.troubles import BREAKING, TOLD, judge
from wiretape.analysis.diagnosis import Confidence, Diagnosis


def diagnosis(id_: str, confidence: Confidence = "certain") -> Diagnosis:
    return Diagnosis(
        id=id_,
        title="title",
        seen="seen",
        cause="cause",
        remedy="remedy",
        confidence=confidence,
        evidence=(),
        source="source",
    )


def test_only_known_troubles_are_named() -> None:
    known = {module.name for module in iter_modules(diagnoses.__path__)}
    assert known >= {*TOLD, *BREAKING}


@pytest.mark.parametrize(
    ("id_", "confidence", "severity"),
    [
        ("trailing_slash", "certain", "breaking"),
        ("trailing_slash", "possible", "risky"),
        ("token_in_url", "certain", "risky"),
    ],
)
def test_how_bad_a_trouble_is(id_: str, confidence: Confidence, severity: str) -> None:
    judgement = judge(diagnosis(id_, confidence))
    assert (judgement.id, judgement.severity) == (f"trouble.{id_}", severity)
    assert (judgement.why, judgement.remedy) == ("cause", "remedy")


def test_a_trouble_that_is_a_difference_anyway_is_told_once() -> None:
    found = difference(compared(official(), our_bridge()), "challenge.GET.body-missing")
    last = found.sightings[-1].subject
    assert last is not None
    assert last.finding == "diagnosis.unauthorized_without_body"
    assert found.title == "Refuses GET without a body"


def test_what_troubles_the_reference_as_well_is_no_difference() -> None:
    found = compared(our_bridge(), our_bridge())
    assert found.differences == ()
