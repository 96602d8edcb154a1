"""Where nothing has failed, nothing is diagnosed."""

from pathlib import Path

import pytest

import wiretape.fixtures
from concluded import diagnoses
from recognised import recognised
from story import story

RECORDINGS = Path(wiretape.fixtures.__path__[0], "recordings")


@pytest.mark.parametrize("name", ["mcp-atlassian", "oauth-sse", "oauth-streamable"])
def test_the_fixtures(name: str):
    assert recognised(RECORDINGS / f"{name}.jsonl") == []


def test_all_together():
    """What one recording shows does not change what another means."""
    found = diagnoses(*sorted(RECORDINGS.glob("*.jsonl")))
    assert [each.id for each in found] == ["trailing_slash"]
    assert {place.recording for place in found[0].evidence} == {3}


def test_of_the_story_only_the_host_that_is_nowhere():
    assert recognised(story()) == [("service_unreachable", "certain")]
