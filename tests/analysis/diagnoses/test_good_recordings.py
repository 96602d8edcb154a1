"""Where nothing has failed, nothing is diagnosed."""

from collections.abc import Callable
from pathlib import Path

import pytest

import wiretape.fixtures
from concluded import diagnoses
from official import official
from our_bridge import mended_bridge, our_bridge
from play import Play
from recognised import recognised
from story import story

RECORDINGS = Path(wiretape.fixtures.__path__[0], "recordings")


@pytest.mark.parametrize("name", ["mcp-atlassian", "oauth-sse", "oauth-streamable"])
def test_the_fixtures(name: str):
    assert recognised(RECORDINGS / f"{name}.jsonl") == []


@pytest.mark.parametrize("recorded", [official, mended_bridge])
def test_whole_services(recorded: Callable[[], Play]):
    assert recognised(recorded()) == []


def test_a_bridge_as_it_was():
    troubles = {
        "offline_access_missing",
        "rotated_refresh_not_stored",
        "session_id_not_exposed",
        "unauthorized_without_body",
    }
    assert troubles <= {name for name, _ in recognised(our_bridge())}


def test_all_together():
    """What one recording shows does not change what another means."""
    found = diagnoses(*sorted(RECORDINGS.glob("*.jsonl")))
    assert [each.id for each in found] == ["trailing_slash"]
    assert {place.recording for place in found[0].evidence} == {3}


def test_of_the_story_only_the_host_that_is_nowhere():
    assert recognised(story()) == [("service_unreachable", "certain")]
