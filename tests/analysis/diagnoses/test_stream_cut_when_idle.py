import pytest

from play import Play, note
from players import SSE
from recognised import recognised


def stream(play: Play, idle: float, how: str = "server abort", *, kept_alive: bool = False) -> None:
    number = play.listen(SSE)
    play.stream(number)
    play.event(number, note("notifications/message"))
    if kept_alive:
        play.keep_alive(number)
    play.later(idle)
    play.end(number, how)  # type: ignore[arg-type]  # one of the ways


@pytest.mark.parametrize("idles", [(60, 60, 60), (59.2, 60.4, 60), (60, 3, 60, 12, 60)])
def test_streams_that_break_off_after_the_same_silence(idles: tuple[float, ...]):
    play = Play()
    for idle in idles:
        stream(play, idle)
    assert recognised(play) == [("stream_cut_when_idle", "likely")]


@pytest.mark.parametrize("idles", [(60, 60), (1, 30, 60, 90), (0.1, 0.1, 0.1)])
def test_too_few_or_different_or_no_silence(idles: tuple[float, ...]):
    play = Play()
    for idle in idles:
        stream(play, idle)
    assert recognised(play) == []


def test_streams_with_keep_alives_break_off_for_another_reason():
    play = Play()
    for _ in range(3):
        stream(play, 60, kept_alive=True)
    assert recognised(play) == []


@pytest.mark.parametrize("how", ["complete", "client abort"])
def test_streams_that_somebody_ended(how: str):
    play = Play()
    for _ in range(3):
        stream(play, 60, how)
    assert recognised(play) == []
