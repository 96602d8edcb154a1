"""The life of a token: when it is tried, what is measured, what is written."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from paper import HELLO, START, Play, answer, granted, later, mcp
from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.probe import results
from wiretape.recorder.probe.steps import lifecycle
from wiretape.recorder.probe.talk import Answer, Ask

EXPIRED = answer(
    401,
    {"error": "invalid_token", "error_description": "a:1:first is dead"},
    www_authenticate='Bearer realm="OAuth", error="invalid_token"',
)
FRESH = {"access_token": "a:1:second", "refresh_token": "r:1:second", "expires_in": 3600}


def service(play: Play, lives: float) -> Callable[[Ask], Answer]:
    """Accept the token for so many seconds."""
    alive = mcp(initialize=HELLO, tools_list={"tools": []})
    return lambda ask: EXPIRED if play.now >= later(lives) else alive(ask)


def played(lives: float, *, active: bool = False, max_wait: float = 3600) -> Play:
    play = Play(granted(active=active, max_wait=max_wait), {})
    play.routes = {
        "POST /mcp": service(play, lives),
        "DELETE /mcp": answer(200),
        "POST /token": answer(200, FRESH),
    }
    return play.run(lifecycle.STEP)


def test_the_token_is_tried_fresh_just_before_and_just_after_its_end():
    play = played(3600)
    life = play.known.lifecycle
    assert [(check.label, check.seconds_to_expiry, check.accepted) for check in life.checks] == [
        ("the fresh token", 3600, True),
        ("just before the end", 10, True),
        ("2 s after the end", -2, False),
    ]
    assert (life.at_least, life.less_than) == (3590, 3602)
    assert life.expires_at == later(3600)
    assert play.waits == [3590, 12]
    assert life.refresh_after_expiry is None


def test_a_token_that_outlives_its_end_is_tried_again():
    life = played(3610).known.lifecycle
    assert [check.seconds_to_expiry for check in life.checks] == [3600, 10, -2, -15]
    assert (life.at_least, life.less_than) == (3602, 3615)


def test_a_token_that_never_ends_is_left():
    life = played(1e6).known.lifecycle
    assert [check.seconds_to_expiry for check in life.checks] == [3600, 10, -2, -15, -60]
    assert (life.at_least, life.less_than) == (3660, None)


def test_a_token_that_dies_early_is_told():
    play = played(1000)
    assert play.error == "initialize: 401"


def test_with_leave_the_dead_token_is_refreshed():
    play = played(3600, active=True)
    life = play.known.lifecycle
    assert life.refresh_after_expiry
    assert life.refresh_after_expiry.rotated
    assert play.known.tokens
    assert play.known.tokens.access == "a:1:second"


def test_a_life_longer_than_one_wants_to_wait_is_not_waited_out():
    play = played(3600, max_wait=60)
    assert play.asks == []
    assert play.error == "the token lives 3600 s, longer than --max-wait 60 s"


def test_a_life_that_is_not_told_cannot_be_waited_out():
    found = granted(max_wait=60)
    assert found.tokens
    found.tokens = replace(found.tokens, lifetime=None)
    assert Play(found, {}).run(lifecycle.STEP).error == "the token answer has no expires_in"


def test_a_refusal_is_described_in_the_words_of_the_standards():
    check = results.check("after", replace(EXPIRED, at=later(5)), START)
    assert check == results.Check(
        label="after",
        at=later(5),
        seconds_to_expiry=-5,
        status=401,
        accepted=False,
        scheme="Bearer",
        challenge_error="invalid_token",
        challenge_parameters=("realm", "error"),
        body_error="invalid_token",
    )


def test_other_words_of_the_server_are_not_repeated():
    challenge = 'Secret error="a:1:first", a:1:first="x"'
    refused = answer(401, {"error": "a:1:first"}, www_authenticate=challenge)
    check = results.check("after", refused, START)
    assert "a:1:first" not in repr(check)
    assert (check.scheme, check.challenge_error, check.body_error) == (None, "another", "another")


def test_results_are_written_for_their_owner_only_and_hold_no_token(tmp_path: Path):
    life = played(3600, active=True).known.lifecycle
    path = results.write(tmp_path / "new", "https://mcp.example/mcp", Path("x/r.jsonl"), life)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.name.startswith("token-lifecycle-results-")
    text = path.read_text()
    for secret in ("a:1:first", "r:1:first", "a:1:second", "r:1:second"):
        assert secret not in text
    told = json.loads(text)
    assert told["recording"] == "r.jsonl"
    assert told["refresh_after_expiry"]["issued"]["access_token"]["segments"] == [1, 1, 6]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFaultError, match="cannot write"):
        results.write(tmp_path / "file", "s", None, results.Lifecycle())


def test_segments_are_compared_one_by_one():
    assert results.kept_segments("u:g:1", "u:g:2") == (True, True, False)
    assert results.kept_segments("h.p.s", "h.q.t") == (True, False, False)
    assert results.kept_segments("opaque", "u:g:2") == ()
