"""`latency`: how much later answers come, by the service's clock."""

from statistics import median
from threading import Thread
from typing import Any

import pytest

from misbehaving import SSE, STREAMABLE, client, told, waits_for
from replayed import Caller, shipped


def delays(said: dict[str, Any], times: int = 400) -> list[float]:
    caller = Caller(shipped("mcp-atlassian"))
    caller.service.faults.arm("latency", **said)
    return [caller.ask("GET", "http://127.0.0.1/nowhere").delay for _ in range(times)]


def test_it_is_the_same_each_time() -> None:
    assert set(delays({"seconds": 2.5})) == {2.5}


def test_it_is_uniform_around_the_mean() -> None:
    found = delays({"distribution": "uniform", "seconds": 10, "spread": 0.2})
    assert 8 <= min(found) < 8.2
    assert 11.8 < max(found) <= 12


def test_it_is_lognormal_around_the_median() -> None:
    found = delays({"distribution": "lognormal", "seconds": 3, "spread": 0.5})
    assert median(found) == pytest.approx(3, rel=0.1)
    assert max(found) > 3 * 2.718**0.5**2


def test_the_same_seed_gives_the_same_delays() -> None:
    chosen: dict[str, Any] = {"distribution": "lognormal", "seed": 5}
    assert delays(chosen) == delays(chosen)
    assert delays(chosen) != delays(chosen | {"seed": 6})


def test_an_answer_comes_when_the_clock_says_so() -> None:
    with client(STREAMABLE, "latency:seconds=7,method=tools/list") as a:
        a.begin()
        answers: list[object] = []
        caller = Thread(target=lambda: answers.append(told(a.say("tools/list", 1))["id"]))
        caller.start()
        waits_for(lambda: a.service.journal[-1].faults == ["latency"])
        a.service.clock.advance(6.9)
        assert told(a.say("ping", 2))["id"] == 2
        assert not answers
        a.service.clock.advance(0.1)
        caller.join(5)
        assert answers == [1]


def test_on_a_stream_another_answer_overtakes() -> None:
    with client(SSE, "latency:seconds=7,nth=1,method=tools/list") as a, a.stream() as events:
        url = events.open()
        assert events.say(url, "tools/list", 1).status_code == 202
        assert events.say(url, "tools/list", 2).status_code == 202
        assert b'"id":2' in events.next()
        a.service.clock.advance(7)
        assert b'"id":1' in events.next()
