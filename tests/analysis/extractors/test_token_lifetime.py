"""How long tokens live."""

from base64 import urlsafe_b64encode
from pathlib import Path

import msgspec
import pytest

from concluded import findings
from granting import ask_refresh, exchange, refresh, refuse, use
from peers.processes import ROOT
from play import Play
from wiretape.analysis.finding import Finding

OAUTH_SSE = ROOT / "fixtures/recordings/oauth-sse.jsonl"


def observed(play: Play | Path) -> Finding | None:
    return findings(play).get("token.lifetime.observed")


def lived(*, until: float, refused: float, told: int | None = 3300) -> Play:
    """Use a token until so many seconds after its issue, and find it refused at others."""
    play = Play()
    exchange(play, "t1", "r1", expires_in=told)
    use(play, "t1")
    play.later(until)
    use(play, "t1")
    play.later(refused - until)
    use(play, "t1", 401)
    return play


def test_the_lifetime_is_between_the_last_success_and_the_first_refusal() -> None:
    found = observed(lived(until=3290, refused=3316))
    assert found is not None
    assert found.value == 3300
    assert found.low == pytest.approx(3290, abs=0.1)
    assert found.high == pytest.approx(3316, abs=0.1)
    assert found.evidence == ((0, 3), (0, 8), (0, 12))


def test_bounds_are_never_narrower_than_what_was_seen() -> None:
    """The token was made after it was asked for, and judged before the answer came."""
    play = lived(until=10, refused=20, told=None)
    found = observed(play)
    assert found is not None
    times = [record.t for record in play.records]
    assert found.low == round(times[6] - times[1], 3)
    assert found.high == round(times[10] - times[0], 3)
    assert found.value == pytest.approx(15, abs=0.1)


def test_a_token_that_dies_early_is_told_from_what_was_advertised() -> None:
    play = lived(until=20, refused=40)
    found = findings(play)
    assert found["token.lifetime"].value == 3300
    assert found["token.lifetime.observed"].value == pytest.approx(30, abs=0.1)


def test_every_token_narrows_the_bounds() -> None:
    play = lived(until=3000, refused=3400)
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    play.later(3295)
    use(play, "t2")
    play.later(200)
    use(play, "t2", 401)
    found = observed(play)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((3295, 3400), abs=0.2)
    assert found.count == 2


def test_tokens_that_lived_differently_long_are_not_averaged() -> None:
    play = lived(until=3290, refused=3310)
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t2")
    play.later(60)
    use(play, "t2", 401)
    found = observed(play)
    assert found is not None
    assert found.note == "not all tokens lived equally long"
    assert (found.low, found.high) == pytest.approx((0, 3310), abs=0.2)


def test_a_token_that_outlives_what_was_told_is_found() -> None:
    play = Play()
    exchange(play, "t1", expires_in=60)
    play.later(100)
    use(play, "t1")
    found = observed(play)
    assert found is not None
    assert found.high is None
    assert found.note == "accepted for longer than the token answer told"


def test_a_refusal_before_the_last_success_does_not_end_a_life() -> None:
    play = Play()
    exchange(play, "t1", expires_in=60)
    use(play, "t1")
    use(play, "t1", 401)
    use(play, "t1")
    assert observed(play) is None
    play.later(70)
    use(play, "t1", 401)
    found = observed(play)
    assert found is not None
    assert found.value == 60


def never_refused() -> Play:
    play = Play()
    exchange(play, "t1", "r1", expires_in=3300)
    use(play, "t1")
    return play


def never_accepted() -> Play:
    play = Play()
    exchange(play, "t1", expires_in=3300)
    use(play, "t1", 401)
    return play


def issued_elsewhere() -> Play:
    play = Play()
    use(play, "t1")
    play.later(3300)
    use(play, "t1", 401)
    return play


def revoked() -> Play:
    play = never_refused()
    asked = play.request("POST", "https://mcp.example.com/revoke", form={"token": "r1"})
    play.answer(asked)
    use(play, "t1", 401)
    return play


def replaced() -> Play:
    play = never_refused()
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t1", 401)
    return play


def replaced_late() -> Play:
    """Its time may be over, or it was ended by the refresh."""
    play = never_refused()
    play.later(3290)
    use(play, "t1")
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    play.later(60)
    use(play, "t1", 401)
    return play


def replaced_twice() -> Play:
    play = never_refused()
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t1")
    refresh(play, "r2", "t3", "r3", expires_in=3300)
    play.later(3300)
    use(play, "t1", 401)
    return play


def its_refresh_token_used_again() -> Play:
    play = Play()
    exchange(play, "t1", "r1", expires_in=3300)
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t2")
    refuse(play, ask_refresh(play, "r1"))
    use(play, "t2", 401)
    return play


def sibling_revoked() -> Play:
    play = Play()
    exchange(play, "t1", "r1", expires_in=3300)
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t2")
    play.answer(play.request("POST", "https://mcp.example.com/revoke", form={"token": "t1"}))
    use(play, "t2", 401)
    return play


def used_before_its_issue() -> Play:
    play = Play()
    use(play, "t1")
    use(play, "t1", 401)
    exchange(play, "t1", "r1", expires_in=3300)
    return play


def given_again() -> Play:
    play = never_refused()
    play.later(3000)
    refresh(play, "r1", "t1", "r2", expires_in=3300)
    use(play, "t1")
    play.later(3300)
    use(play, "t1", 401)
    return play


def refused_by_another() -> Play:
    play = never_refused()
    use(play, "t1", 401, url="https://other.example.com/mcp")
    return play


def forbidden() -> Play:
    play = never_refused()
    use(play, "t1", 403)
    return play


@pytest.mark.parametrize(
    "play",
    [
        never_refused,
        never_accepted,
        issued_elsewhere,
        revoked,
        replaced,
        replaced_late,
        replaced_twice,
        its_refresh_token_used_again,
        sibling_revoked,
        used_before_its_issue,
        given_again,
        refused_by_another,
        forbidden,
    ],
)
def test_what_is_no_expiry_bounds_nothing(play: object) -> None:
    assert callable(play)
    assert observed(play()) is None


def test_a_token_that_survived_a_refresh_runs_out_as_told() -> None:
    play = never_refused()
    play.later(3000)
    refresh(play, "r1", "t2", "r2", expires_in=3300)
    use(play, "t1")
    play.later(310)
    use(play, "t1", 401)
    found = observed(play)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((3000, 3310), abs=0.2)


def test_a_token_that_outlived_what_was_told_and_then_was_replaced() -> None:
    play = Play()
    exchange(play, "t1", "r1", expires_in=60)
    play.later(100)
    use(play, "t1")
    refresh(play, "r1", "t2", "r2", expires_in=60)
    use(play, "t1", 401)
    found = observed(play)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(100, abs=0.1), None)


def test_a_revocation_that_was_refused_ended_nothing() -> None:
    play = never_refused()
    asked = play.request("POST", "https://mcp.example.com/revoke", form={"token": "r1"})
    play.answer(asked, status=401)
    use(play, "t1", 401)
    assert observed(play) is not None


def test_a_revocation_after_the_refusal_ended_nothing() -> None:
    play = lived(until=3000, refused=3290)
    play.answer(play.request("POST", "https://mcp.example.com/revoke", form={"token": "t1"}))
    assert observed(play) is not None


def test_a_refused_token_request_tells_no_lifetime() -> None:
    play = Play()
    refuse(play, play.request("POST", "https://mcp.example.com/token", form={"grant_type": "x"}))
    assert not [id_ for id_ in findings(play) if id_.startswith("token.lifetime")]


def test_a_replaced_token_is_refused_or_still_good() -> None:
    assert findings(replaced())["token.after_refresh"].value == "refused"
    play = replaced()
    use(play, "t1")
    assert findings(play)["token.after_refresh"].value == "accepted"
    assert "token.after_refresh" not in findings(never_refused())
    assert "token.after_refresh" not in findings(lived(until=3290, refused=3316))


def test_a_jwt_claims_a_lifetime_of_its_own() -> None:
    parts = ({"alg": "none"}, {"iat": 1_000, "exp": 4_240})
    token = ".".join(urlsafe_b64encode(msgspec.json.encode(p)).decode().rstrip("=") for p in parts)
    play = Play()
    exchange(play, f"{token}.", expires_in=3300)
    assert findings(play)["token.lifetime.claimed"].value == 3240
    assert "token.lifetime.claimed" not in findings(never_refused())


def test_an_expiry_is_found_in_a_real_recording() -> None:
    found = findings(OAUTH_SSE)
    assert found["token.lifetime"].value == 2
    assert found["token.lifetime.observed"].value == 2
    assert found["token.lifetime.observed"].evidence == ((0, 24), (0, 56), (0, 61))
