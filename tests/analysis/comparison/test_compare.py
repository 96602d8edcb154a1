"""Comparisons of whole recordings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comparing import compared, difference, ids
from official import official
from our_bridge import mended_bridge, our_bridge
from peers.processes import ROOT
from play import Play
from wiretape.analysis.comparison.model import Comparison

FIXTURES = sorted((ROOT / "fixtures/recordings").glob("*.jsonl"))
PROFILES = [ROOT / f"fixtures/profiles/{path.stem}.toml" for path in FIXTURES]


@pytest.fixture(scope="module")
def bridge() -> Comparison:
    return compared(official(), our_bridge())


@pytest.fixture(scope="module")
def mended() -> Comparison:
    return compared(official(), mended_bridge())


def test_what_breaks_clients_of_the_bridge(bridge: Comparison) -> None:
    assert ids(bridge, "breaking") == {
        "cors.session-id-not-exposed",
        "token.refresh-token-missing",
        "trouble.authorize_fails",
        "upstream.refresh.encoding",
        "upstream.trouble.rotated_refresh_not_stored",
    }


def test_what_is_risky_at_the_bridge(bridge: Comparison) -> None:
    assert ids(bridge, "risky") == {
        "challenge.GET.body-missing",
        "discovery.refresh",
        "scope.offline-access-missing",
        "token.lifetime",
        "transport.no-sse",
        "upstream.scope.offline-access-missing",
    }


def test_the_mended_bridge_differs_in_its_transport_and_in_what_does_not_matter(
    mended: Comparison,
) -> None:
    assert ids(mended, "breaking") == set()
    assert ids(mended, "risky") == {"transport.no-sse"}
    assert ids(mended, "cosmetic") == {
        "discovery.revocation_endpoint",
        "token.shape",
        "upstream.authorization.resource",
    }


def test_the_worst_comes_first(bridge: Comparison) -> None:
    severities = [each.severity for each in bridge.differences]
    assert severities == sorted(severities, key=["breaking", "risky", "cosmetic"].index)


def test_a_difference_says_where_it_is_seen(bridge: Comparison) -> None:
    found = difference(bridge, "challenge.GET.body-missing")
    assert found.clients == ("VS Code", "Claude")
    assert "application/json" in found.remedy
    first = found.sightings[0]
    assert first.reference is not None
    assert first.subject is not None
    assert (first.reference.finding, first.subject.finding) == (
        "challenge.sse.GET.bad token",
        "challenge.mcp.GET.bad token",
    )
    assert first.subject.value == {"media_type": None, "body": None}
    assert first.subject.lines
    assert first.reference.lines


def test_the_bridge_is_the_service_and_not_what_is_behind_it(bridge: Comparison) -> None:
    assert bridge.subject.service == ("https://bridge.example.com",)
    assert bridge.subject.upstream == ("https://auth.atlassian.com",)
    assert len(bridge.reference.service) == 2
    assert bridge.reference.upstream == ()


def test_a_bridge_as_reference_is_no_better_than_it_is() -> None:
    found = compared(our_bridge(), mended_bridge())
    assert not ids(found, "breaking") | ids(found, "risky")


@pytest.mark.parametrize("recorded", [official, our_bridge, mended_bridge])
def test_a_recording_does_not_differ_from_itself(recorded: Callable[[], Play]) -> None:
    found = compared(recorded(), recorded())
    assert found.differences == ()
    assert found.unseen == ()
    assert found.compared > 50


def test_the_documented_service_is_as_good_a_reference() -> None:
    """But a profile tells of no troubles, so that none is a difference."""
    profile = ROOT / "fixtures/profiles/atlassian-2025-08.toml"
    found = compared(profile, our_bridge())
    assert ids(found, "breaking") == {
        "cors.session-id-not-exposed",
        "token.refresh-token-missing",
        "upstream.refresh.encoding",
    }
    assert ids(found, "risky") >= {"challenge.GET.body-missing", "scope.offline-access-missing"}
    assert found.reference.kind == "profile"
    assert compared(profile, official()).differences == ()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_a_profile_does_not_differ_from_the_recording_that_it_was_made_of(profile: Path) -> None:
    recording = ROOT / f"fixtures/recordings/{profile.stem}.jsonl"
    for one, other in ((profile, recording), (recording, profile)):
        assert compared(one, other).differences == ()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_real_recording_does_not_differ_from_itself(path: Path) -> None:
    assert compared(path, path).differences == ()


def test_what_only_one_side_shows_is_no_difference(mended: Comparison) -> None:
    unseen = {each.finding: each.missing_in for each in mended.unseen}
    assert unseen["refresh.immediate"] == "subject"
    assert unseen["transport.notification"] == "reference"
    assert not any(name.startswith("latency.") for name in unseen)
