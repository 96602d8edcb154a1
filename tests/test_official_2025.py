import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from official import official
from official.service import LIFETIME
from our_bridge import mended_bridge, our_bridge
from play import Play
from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.exchanges import Exchange, exchanges, header
from wiretape.recorder.log.grants import Grant, grants
from wiretape.recorder.log.oauth import bearer, parameters
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.sessions import Session
from wiretape.recorder.redaction.again import redact_again
from wiretape.recorder.redaction.redactor import Redactor

type Recorded = Callable[[], Play]

every_play = pytest.mark.parametrize("recorded", [official, our_bridge, mended_bridge])


@every_play
def test_a_play_agrees_with_itself_and_is_the_same_each_time(recorded: Recorded) -> None:
    play, consistency = recorded(), Consistency()
    found = [one for line in play.lines for one in consistency.see(line)]
    assert [*found, *consistency.close()] == []
    assert recorded().records == play.records


def test_the_official_sessions() -> None:
    sessions = official().sessions()
    assert {session.transport for session in sessions} == {"sse"}
    assert {session.protocol for session in sessions if session.calls} == {"2025-03-26"}
    assert [len(session.grants) for session in sessions] == [1] * 7
    ends = [_stream(session).last for session in sessions]
    assert [end.detail for end in ends if end].count("terminated") == 1
    assert [grant.number for session in sessions for grant in session.grants] == [
        *(1, 1, 2, 2, 3, 3, 1)
    ]


def test_the_official_tokens_keep_two_segments_and_are_rotated() -> None:
    walked = _granted(official())[0]
    assert (len(walked.issues), len(walked.refused)) == (7, 1)
    for tokens in (
        [issue.access_token for issue in walked.issues],
        [issue.refresh_token or "" for issue in walked.issues],
    ):
        assert {len(token) for token in tokens} == {74}
        assert len({token.rpartition(":")[0] for token in tokens}) == 1
        assert len(set(tokens)) == len(tokens)


def test_an_official_token_is_refused_sixteen_seconds_after_its_end() -> None:
    play = official()
    issued, used = _granted(play)[0].issues[2], list[tuple[int, float]]()
    assert issued.exchange.response is not None
    for exchange in play.exchanges():
        if bearer(exchange) == issued.access_token and exchange.status is not None:
            age = exchange.request.t - issued.exchange.response.t
            used.append((exchange.status, age - LIFETIME))
    used.sort(key=lambda use: use[1])
    assert [status for status, _ in used][-2:] == [202, 401]
    assert [after for _, after in used][-2:] == pytest.approx([-10, 16], abs=2)


def test_the_bridge_loses_its_grant_unless_mended() -> None:
    assert [_media_type(refresh) for refresh in _upstream_refreshes(our_bridge())] == [
        "application/json",
        "application/json",
    ]
    assert [refresh.status for refresh in _upstream_refreshes(our_bridge())] == [200, 400]
    mended = list(_upstream_refreshes(mended_bridge()))
    assert {_media_type(refresh) for refresh in mended} == {"application/x-www-form-urlencoded"}
    assert [refresh.status for refresh in mended] == [200, 200, 200]


@every_play
def test_the_shapes_survive_redaction(recorded: Recorded, tmp_path: Path) -> None:
    play, redacted = recorded(), tmp_path / "redacted.jsonl"
    with read(play.write(tmp_path / "play.jsonl")) as recording:
        redact_again(recording, redacted, Redactor())
    with read(redacted) as recording:
        after = grants(exchanges(recording))
    assert list(map(_shapes, after)) == list(map(_shapes, _granted(play)))
    tokens = {issue.access_token for grant in after for issue in grant.issues}
    assert tokens.isdisjoint(i.access_token for grant in _granted(play) for i in grant.issues)


def _granted(play: Play) -> tuple[Grant, ...]:
    return grants(play.exchanges())


def _shapes(grant: Grant) -> list[list[int]]:
    """Give the lengths of the tokens' segments."""
    tokens = [token for one in grant.issues for token in (one.access_token, one.refresh_token)]
    return [list(map(len, re.split("[.:]", token or ""))) for token in tokens]


def _stream(session: Session) -> Exchange:
    return next(exchange for exchange in session.exchanges if exchange.events)


def _upstream_refreshes(play: Play) -> Iterator[Exchange]:
    for exchange in play.exchanges():
        asked = parameters(exchange.request.body)
        refreshes = asked.get("grant_type") == "refresh_token"
        if refreshes and exchange.request.url.startswith("https://auth.atlassian.com/"):
            yield exchange


def _media_type(exchange: Exchange) -> str | None:
    return header(exchange.request.headers, "content-type")
