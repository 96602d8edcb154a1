"""How far the server's clock is from the recorder's."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from concluded import findings
from granting import CODE, TOKEN
from peers.processes import ROOT
from play import Play
from wiretape.analysis.finding import Finding


def ticking(ahead: float, play: Play | None = None, **headers: str) -> Play:
    """Ask a server whose clock is so many seconds ahead."""
    play = play or Play()
    for _ in range(20):
        play.later(0.17)
        asked = play.request("POST", TOKEN, form=CODE)
        date = format_datetime(play.now + timedelta(seconds=ahead), usegmt=True)
        play.answer(asked, {"access_token": "t"}, headers={"Date": date, **headers})
    return play


def skew(play: Play) -> Finding | None:
    return findings(play).get("token.clock_skew")


@pytest.mark.parametrize("ahead", [0.0, -0.2, 3.0, -61.5, 86_400.25])
def test_many_answers_close_in_on_the_clock(ahead: float) -> None:
    found = skew(ticking(ahead))
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= ahead <= found.high
    assert found.high - found.low < 1.5
    assert found.value == (0 if abs(ahead) < 1 else pytest.approx(ahead, abs=0.2))
    assert found.note is None


def test_a_clock_that_was_set_is_told() -> None:
    found = skew(ticking(60.0, ticking(0.0)))
    assert found is not None
    assert found.note == "its clocks differ among themselves, or one was set"


@pytest.mark.parametrize("date", [None, "now", "Fri, 31 Feb 2025 02:09:10 GMT"])
def test_without_a_date_nothing_is_known(date: str | None) -> None:
    play = Play()
    asked = play.request("POST", TOKEN, form=CODE)
    play.answer(asked, {"access_token": "t"}, headers={"Date": date})
    assert skew(play) is None


def test_what_a_cache_gives_does_not_count() -> None:
    assert skew(ticking(0.0, Age="3")) is None


def test_clocks_of_one_machine_agree() -> None:
    for name in ("oauth-sse", "oauth-streamable"):
        found = findings(ROOT / f"fixtures/recordings/{name}.jsonl")["token.clock_skew"]
        assert found.value == 0
