"""Sessions of all transports at once, with the same ids, each step of any of them at any time."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from play import Json, Play, call, progress, result
from players import Sessionless, Sse, Streamable
from wiretape.recorder.log.jsonrpc import Result
from wiretape.recorder.log.raw import fields, text

IDS: list[Json] = [0, 1, "0", "1", 2]
WAYS = {
    "streamable": ["body", "own stream", "elsewhere"],
    "without ids": ["body", "own stream", "elsewhere"],
    "sse": ["elsewhere"],
    "sessionless": ["body", "own stream"],
}

type Player = Streamable | Sse | Sessionless
type Steps = Iterator[None]


def ask(play: Play, player: Player, name: str, number: Json, way: str) -> Steps:
    """A client's call; its progress and its answer come on one of the ways there are."""
    asked = player.post(call(number, f"{name} {number!r}", progress=number))
    answer = result(number, of=f"{name} {number!r}")
    yield
    if way == "body":
        play.answer(asked, answer)
    elif way == "own stream":
        play.stream(asked)
        yield
        play.event(asked, progress(number))
        yield
        play.event(asked, [answer])
        yield
        play.end(asked)
    elif not isinstance(player, Sessionless):
        play.answer(asked, status=202)
        yield
        player.hear(progress(number))
        yield
        player.hear(answer)


def ask_back(player: Streamable | Sse, name: str, number: Json) -> Steps:
    """A server's call, answered by its client."""
    player.hear(call(number, f"{name} {number!r}"))
    yield
    player.say(result(number, of=f"{name} {number!r}"))


def enter(play: Play, transport: str, name: str) -> Player:
    match transport:
        case "sse":
            return Sse(play, name, on=name)
        case "sessionless":
            return Sessionless(play, name, on="shared")
        case "streamable":
            return Streamable(play, name, on="shared", http="HTTP/2.0")
        case _:
            return Streamable(play, None, on=name)


@st.composite
def plays(draw: st.DrawFn) -> tuple[Play, dict[str, dict[str, str]]]:
    """A play, and by session the way on which each of its client's calls is answered."""
    play = Play()
    transports = draw(st.lists(st.sampled_from([*WAYS]), min_size=1, max_size=5))
    waiting = [
        (transport, f"s{number}", draw(st.lists(st.sampled_from(WAYS[transport]), min_size=1)))
        for number, transport in enumerate(transports)
    ]
    expected = {
        name: {f"{name} {number!r}": way for number, way in zip(IDS, ways, strict=False)}
        for _, name, ways in waiting
    }
    running: list[Steps] = []
    while waiting or running:
        turn = draw(st.integers(0, len(waiting) + len(running) - 1))
        if turn < len(waiting):
            transport, name, ways = waiting.pop(turn)
            player = enter(play, transport, name)
            for number, way in zip(IDS, ways, strict=False):
                running.append(ask(play, player, name, number, way))
                if not isinstance(player, Sessionless):
                    running.append(ask_back(player, name, number))
        elif next(running[turn - len(waiting)], "done") == "done":
            del running[turn - len(waiting)]
    return play, expected


@given(plays())
def test_every_answer_finds_its_call(
    played: tuple[Play, dict[str, dict[str, str]]],
) -> None:
    play, expected = played
    found = play.sessions()
    by_name = {}
    for session in found:
        calls = [item for item in session.calls if item.call.message.method != "initialize"]
        (name,) = {item.call.message.method.split()[0] for item in (*calls, *session.server_calls)}
        by_name[name] = session
        for item in (*calls, *session.server_calls):
            assert item.answer is not None
            assert isinstance(item.answer.message, Result)
            assert text(fields(item.answer.message.result)["of"]) == item.call.message.method
        assert not session.unmatched
        assert not session.malformed
        assert sorted(item.call.message.method for item in calls) == sorted(expected[name])
        for item in calls:
            way = expected[name][item.call.message.method]
            assert len(item.progress) == (way != "body")
    assert by_name.keys() == expected.keys()
    assert len(found) == len(expected)
