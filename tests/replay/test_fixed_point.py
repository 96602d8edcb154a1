"""Profile, replay, probe through the recorder, analysis: the same profile."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from fixed_point import Learnt, besides, contains, followed, lived, probed, values

from replayed import PROFILES, shipped
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.known import read as known
from wiretape.analysis.profile.known import Path as Keys
from wiretape.analysis.profile.known import found
from wiretape.analysis.profile.standing import dotted
from wiretape.analysis.profile.toml import read

MEASURED = {
    "latency.*": "how long answers take depends on the machine",
    "token.clock_skew": "the server's clock is told in whole seconds, and read between them",
}
"""What is another value each time, by patterns, and why."""

LIVED = {
    "token.lifetime_observed": "a probe waits 55 minutes for it",
    'challenge.*.*."expired token"': "the same",
    'challenge.message.POST."bad token"': "a probe does not post to a session with bad tokens",
    'challenge.message.POST."malformed token"': "nor with malformed ones",
    "stream.*.keepalive": "a probe listens for two seconds",
}
"""What is learnt in virtual time, by a client that can wait; and why not by a probe."""

NOTHING_SLOW = {"mcp-atlassian", "oauth-streamable"}
"""Profiles that have nothing of that."""

EXCEPTIONS: dict[str, dict[str, str]] = {
    "atlassian-2025-08": {"stream.sse.ends": "no stream is cut off within a probe's time"},
    "atlassian-2026-03": {},
    "atlassian-2026-09": {},
    "mcp-atlassian": {},
    "oauth-sse": {
        "protocol.server_methods": "the server spoke while tools ran, and a profile runs none"
    },
    "oauth-streamable": {
        "protocol.server_methods": "the server spoke while tools ran, and a profile runs none",
        "stream.mcp.events": "so nothing was said on that stream",
        "stream.mcp.ends": "the server ended it with the session; a probe leaves first",
        "stream.mcp-answers.ends": "the client left one that was slow",
    },
}
"""What is not learnt again, or as something else, and why."""


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_what_is_replayed_is_learnt_again(name: str, tmp_path: Path) -> None:
    learnt = probed(name, tmp_path)
    told(name, learnt)
    missing = besides(learnt.lost, LIVED) + besides(learnt.changed, LIVED | MEASURED)
    assert sorted(missing) == sorted(EXCEPTIONS[name])
    same_and_observed(name, tmp_path)


@pytest.mark.parametrize("name", sorted(EXCEPTIONS.keys() - NOTHING_SLOW))
def test_what_takes_long_is_learnt_in_virtual_time(name: str, tmp_path: Path) -> None:
    learnt = lived(name, tmp_path)
    waited_for = slow(learnt.before)
    assert waited_for
    assert [each for each in waited_for if each in {*learnt.lost, *learnt.changed}] == []


@pytest.mark.parametrize("name", sorted(NOTHING_SLOW))
def test_elsewhere_nothing_takes_long(name: str) -> None:
    assert slow(values(shipped(name))) == []


def test_all_that_is_said_to_take_long_is_in_some_profile() -> None:
    paths = {path for name in EXCEPTIONS for path in slow(values(shipped(name)))}
    assert [pattern for pattern in LIVED if besides(paths, [pattern]) == [*paths]] == []


def test_redirects_are_learnt_again_by_a_client_that_follows_them(tmp_path: Path) -> None:
    learnt = followed("redirects", tmp_path)
    told("redirects", learnt)
    no_id = "with its refusals the server gave ids of sessions that were none"
    exceptions = {
        "transport.session_id.place": no_id,
        "transport.session_id.shape": no_id,
        "headers.names.mcp": no_id,
    }
    missing = learnt.lost + besides(learnt.changed, MEASURED)
    assert sorted(missing) == sorted(exceptions)
    same_and_observed("redirects", tmp_path)


@pytest.mark.parametrize(
    ("after", "before"),
    [
        (1, 1),
        (None, None),
        ({"a": 1, "b": 2}, {"a": 1}),
        (["b", "a"], ["a"]),
        (["a", "b"], "a"),
        ([{"a": 1, "b": 2}], [{"a": 1}]),
        ({"length": 5}, {"length": [3, 5]}),
        ({"length": [3, 4]}, {"length": [3, 5]}),
        ({"alphabet": "hex"}, {"alphabet": "alnum"}),
    ],
)
def test_what_is_learnt_later_may_contain_more(after: Any, before: Any) -> None:
    assert contains(after, before)


@pytest.mark.parametrize(
    ("after", "before"),
    [
        (2, 1),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 2}, {"a": 1}),
        (["a"], ["a", "b"]),
        ("a", ["a"]),
        ([], "a"),
        ({"length": 6}, {"length": [3, 5]}),
        ({"length": 5}, {"length": 4}),
        ({"alphabet": "base64url"}, {"alphabet": "alnum"}),
        ({"alphabet": "uuid"}, {"alphabet": "alnum"}),
    ],
)
def test_it_may_not_contain_less_or_something_else(after: Any, before: Any) -> None:
    assert not contains(after, before)


def slow(paths: Iterable[Keys]) -> list[str]:
    """Name the values that are learnt in virtual time."""
    return [name for name in map(dotted, paths) if not besides([name], LIVED)]


def told(name: str, learnt: Learnt) -> None:
    """Print how much is as it was."""
    print(f"{name}: {learnt.equal} of {len(learnt.before)} values equal")
    print(f"  not seen: {learnt.lost}\n  changed: {learnt.changed}")


def same_and_observed(name: str, folder: Path) -> None:
    """Check that nothing of it is worth telling, and that what was assumed is so no more."""
    again = folder / "again.toml"
    compared = compare(known(PROFILES / f"{name}.toml"), known(again), {})
    assert [difference.id for difference in compared.differences] == []
    profile = read(again)
    assert {profile.standing.of(value.path) for value in found(profile)} == {"observed"}
