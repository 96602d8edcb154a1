import pytest

from play import Play, call, initialize, initialized, note, result
from players import MCP, SSE
from recognised import recognised

CUT = [("stream_cut_when_idle", "likely")]


def stream(
    play: Play,
    idle: float,
    how: str = "server abort",
    *,
    after: tuple[float, ...] = (),
    kept_alive: bool = False,
) -> None:
    """Listen, hear something after each of some silences, and then nothing."""
    number = play.listen(SSE)
    play.stream(number)
    play.event(number, event="endpoint", text="/v1/message?sessionId=1")
    for silence in after:
        play.later(silence)
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
    assert recognised(play) == CUT


@pytest.mark.parametrize("idles", [(60, 60), (1, 30, 60, 90), (0.1, 0.1, 0.1), (60, 60, 60, 90)])
def test_too_few_or_different_or_no_silence(idles: tuple[float, ...]):
    play = Play()
    for idle in idles:
        stream(play, idle)
    assert recognised(play) == []


def test_a_short_silence_counts_only_after_lives_of_different_lengths():
    cut, crashed = Play(), Play()
    for number in range(3):
        stream(cut, 2, after=(1,) * number)
        stream(crashed, 2, after=(1,))
    assert recognised(cut) == CUT
    assert recognised(crashed) == []


def test_a_silence_that_was_longer_before_is_not_why_it_breaks_off():
    play = Play()
    for _ in range(3):
        stream(play, 10, after=(15, 15))
    assert recognised(play) == []


def test_a_silence_that_another_stream_survives_is_not_why_it_breaks_off():
    play = Play()
    for _ in range(3):
        stream(play, 60)
    stream(play, 300, "client abort")
    assert recognised(play) == []


def test_streams_that_break_off_at_one_moment_had_one_reason():
    play = Play()
    numbers = [play.listen(SSE) for _ in range(3)]
    for number in numbers:
        play.stream(number)
        play.event(number, event="endpoint", text="/v1/message?sessionId=1")
    play.later(60)
    for number in numbers:
        play.end(number, "server abort")
    assert recognised(play) == []


def test_answers_that_break_off_when_all_is_said():
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    for number in range(3):
        post = play.post(MCP, call(number, "tools/call", name="slow"))
        play.stream(post)
        play.later(number)
        play.event(post, result(number))
        play.later(20)
        play.end(post, "server abort")
    assert recognised(play) == []


def test_streams_of_something_else():
    play = Play()
    for _ in range(3):
        number = play.listen("https://app.example.com/events")
        play.stream(number)
        play.later(60)
        play.end(number, "server abort")
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
