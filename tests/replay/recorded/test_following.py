"""Clients through recorded dialogues: each in its own, however they interleave."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wiretape.replay.recorded.following import Followers
from wiretape.replay.recorded.index import Index
from wiretape.replay.recorded.interaction import Interaction
from wiretape.replay.recorded.player import Matching, Player

_SESSIONS = st.lists(st.lists(st.sampled_from("abc"), max_size=6), min_size=1, max_size=4)
"""What is asked in each session, after a first question that is its own."""


def _player(sessions: list[list[str]]) -> Player:
    asked = [(session, name) for session, names in enumerate(sessions) for name in names]
    found = [
        Interaction(
            number=number,
            place=f"play:{number}",
            session=session,
            method="tools/call",
            name=name,
            params={"name": name},
            status=200,
            said="result",
            value=b"%d" % number,
            latency=0,
        )
        for number, (session, name) in enumerate(asked)
    ]
    return Player(Index(found), Matching(), lambda _method, _params: False)


def _heard(player: Player, client: object, name: str) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name}}
    played = player.play(client, message)
    assert played is not None
    return json.loads(played.answer)["result"]


@given(sessions=_SESSIONS, data=st.data())
def test_each_hears_its_own_answers_in_their_order(
    sessions: list[list[str]], data: st.DataObject
) -> None:
    sessions = [[f"first {number}", *names] for number, names in enumerate(sessions)]
    player = _player(sessions)
    said = [[_heard(player, f"client {n}", names[0])] for n, names in enumerate(sessions)]
    left = [number for number, names in enumerate(sessions) for _ in names[1:]]
    for number in data.draw(st.permutations(left)):
        name = sessions[number][len(said[number])]
        said[number].append(_heard(player, f"client {number}", name))
    recorded = iter(range(sum(map(len, sessions))))
    assert said == [[next(recorded) for _ in names] for names in sessions]
    assert player.unplayed() == ()


@given(names=st.lists(st.sampled_from("ab"), min_size=1), asked=st.lists(st.sampled_from("ab")))
def test_equal_questions_are_answered_in_order_then_as_the_last(
    names: list[str], asked: list[str]
) -> None:
    player = _player([names])
    answers = {name: [at for at, each in enumerate(names) if each == name] for name in names}
    for at, name in enumerate(asked):
        before = asked[:at].count(name)
        if name in answers:
            assert (
                _heard(player, "client", name) == answers[name][min(before, len(answers[name]) - 1)]
            )


def test_the_sessions_idle_longest_are_forgotten() -> None:
    player, followers = _player([["a"], ["a"]]), Followers()
    index = Index(player.unplayed())
    found = index.find("tools/call", {"name": "a"}, "params")
    assert found is not None
    first = followers.next("first", found)
    for number in range(10_000):
        followers.next(number, found)
    again = followers.next("first", found)
    assert first is not None
    assert again is not None
    assert (first.session, again.session) == (0, 1)
