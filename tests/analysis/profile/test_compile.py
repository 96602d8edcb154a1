import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from pydantic import JsonValue

from arbitrary import consistent
from concluded import concluded
from make_profiles import RECORDINGS
from official import official
from our_bridge import our_bridge
from play import Play
from wiretape.analysis.facts import Place
from wiretape.analysis.finding import Finding
from wiretape.analysis.profile.compile import evidence_of, findings_of, profile_of
from wiretape.analysis.profile.known import KEY, Leaf, leaf_of, leaves
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.toml import read, write
from wiretape.recorder.log.records import Entry

ABOUT_CLIENTS_OR_RECORDINGS = re.compile(
    r"(authorization|refresh|token)\.parameters|clients\..*|discovery\.upstream.*|errors\..*"
    r"|headers\.duplicates|protocol\.(client_.*|nonconforming)|redirect\.chains"
    r"|registration\.request|stream\..*\.(lifetime|silence)|tools\.calls|.*\.changed"
    r"|transport\.client\..*|upstream\..*"
)

COUNTED = re.compile(r"transport\.ways|stream\..*\.ends|protocol\.method\..*")
"""How often something was asked is nothing about a service."""

type Recorded = Path | Callable[[], Play]

every_recording = pytest.mark.parametrize(
    "recording",
    [official, our_bridge, *sorted(RECORDINGS.glob("*.jsonl"))],
    ids=lambda each: each.stem if isinstance(each, Path) else each.__name__,
)


@given(consistent())
def test_a_profile_comes_of_any_recording(records: list[Entry]) -> None:
    play = Play()
    play.records = records
    analysis = concluded(play)
    profile = profile_of(analysis, "any")
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "profile.toml")
        file.write_text(write(profile, evidence_of(analysis)), encoding="utf-8")
        assert read(file) == profile


@every_recording
def test_all_that_is_found_of_a_service_is_in_its_profile(recording: Recorded) -> None:
    analysis = concluded(recording() if callable(recording) else recording)
    profiled = {finding.id for finding in findings_of(profile_of(analysis, "n"))}
    assert [
        finding.id
        for area in analysis.findings.values()
        for finding in area
        if finding.id not in profiled and not ABOUT_CLIENTS_OR_RECORDINGS.fullmatch(finding.id)
    ] == []


@every_recording
def test_findings_of_a_profile_say_what_its_recording_said(recording: Recorded) -> None:
    analysis = concluded(recording() if callable(recording) else recording)
    found = {finding.id: finding for area in analysis.findings.values() for finding in area}
    profiled = findings_of(profile_of(analysis, "n"))
    assert [
        (one.id, one.value, found[one.id].value)
        for one in profiled
        if not _agree(one.value, found[one.id].value) and not COUNTED.fullmatch(one.id)
    ] == []


def _agree(one: JsonValue, other: JsonValue) -> bool:
    """Tell whether two values agree in what both say; null says nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(
            _agree(one[name], other[name])
            for name in one.keys() & other.keys()
            if other[name] is not None
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_agree, one, other))
    return one == other


def test_values_become_findings_again() -> None:
    analysis = concluded(official())
    profile = profile_of(analysis, "official")
    found = {finding.id: finding for finding in findings_of(profile)}
    lifetime = found["token.lifetime.observed"]
    assert (lifetime.value, lifetime.unit, lifetime.standing) == (3300, "s", "observed")
    assert (lifetime.low, lifetime.high) == (pytest.approx(3291, abs=1), pytest.approx(3316, abs=1))
    assert found["challenge.sse.POST.bad token"].value == {
        "status": 401,
        "raw": 'Bearer realm="OAuth", error="invalid_token"',
        "body_form": "oauth-json",
        "media_type": "application/json",
        "body": {"error": "invalid_token", "error_description": "Invalid access token"},
        "challenges": [
            {"scheme": "Bearer", "params": {"realm": "OAuth", "error": "invalid_token"}}
        ],
    }
    assert found["token.answer.cache_control"].value is None


@pytest.mark.parametrize("leaf", leaves(Profile), ids=lambda leaf: leaf.id)
def test_a_path_and_an_id_name_the_same_value(leaf: Leaf) -> None:
    path = tuple("other" if key == KEY else key for key in leaf.path)
    assert leaf_of(Profile, leaf.of(path)) == (leaf, path)


def test_what_no_service_can_mean_is_left_out() -> None:
    for seconds, kept in ((3300, 3300), (-5, None), (True, None)):
        finding = Finding(id="token.lifetime", title="", value=seconds)
        analysis = replace(concluded(Play()), findings={"token": (finding,)})
        assert profile_of(analysis, "n").token.lifetime == kept


def test_a_finding_that_is_not_observed_keeps_its_standing() -> None:
    findings = (
        Finding(id="redirect./a.b", title="", value=_REDIRECT, standing="assumed"),
        Finding(id="token.type", title="", value="bearer"),
    )
    profile = profile_of(replace(concluded(Play()), findings={"any": findings}), "n")
    assert profile.standing.assumed == ('redirect."/a.b"',)
    assert [(found.id, found.standing) for found in findings_of(profile)] == [
        ("token.type", "observed"),
        ("redirect./a.b", "assumed"),
    ]


def test_evidence_names_files_and_lines() -> None:
    found = Finding(
        id="token.type", title="", value="a", evidence=(Place(0, 3), Place(0, 5), Place(1, 2))
    )
    analysis = replace(concluded(Play(), Play()), findings={"any": (found,)})
    assert evidence_of(analysis) == {("token", "type"): "0:3, 5, 1:2"}


_REDIRECT = {"status": 307, "to": "/a", "scheme_downgrade": False}
