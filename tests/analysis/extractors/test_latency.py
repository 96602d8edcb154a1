"""How long answers take, by method and by role."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concluded import findings
from play import Play, call, initialize, initialized, note, result
from players import MCP, Sse, Streamable
from wiretape.analysis import times

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def take(play: Play, seconds: float, number: int) -> None:
    """Let a call be answered after so many seconds, and the hundredth that a line takes."""
    post = play.post(MCP, call(number, "tools/call", name="search"))
    play.later(seconds)
    play.answer(post, result(number))


def test_quantiles_of_a_method() -> None:
    play = Play()
    for number in range(1, 101):
        take(play, number / 10, number)
    latency = findings(play)["latency.method.tools/call"]
    assert isinstance(latency.value, dict)
    assert latency.value["count"] == latency.count == 100
    assert latency.value["p50"] == pytest.approx(5010, rel=0.02)
    assert latency.value["p90"] == pytest.approx(9010, rel=0.02)
    assert latency.value["p99"] == pytest.approx(9910, rel=0.02)
    assert latency.value["max"] == latency.high == pytest.approx(10010)
    assert latency.low == pytest.approx(110)
    assert latency.unit == "ms"
    assert [place.line for place in latency.evidence] == [299, 2]  # slowest and fastest call


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, {"p50"}),
        (9, {"p50"}),
        (10, {"p50", "p90"}),
        (99, {"p50", "p90"}),
        (100, {"p50", "p90", "p99"}),
    ],
)
def test_few_samples_have_no_tail(count: int, told: set[str]) -> None:
    play = Play()
    for number in range(count):
        take(play, 1, number)
    latency = findings(play)["latency.method.tools/call"]
    assert isinstance(latency.value, dict)
    assert latency.value.keys() == {"count", "max", *told}
    assert latency.value["count"] == count


def test_a_method_may_be_called_like_a_role() -> None:
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, "token")), result(1))
    assert {"latency.method.token", "latency.role.mcp"} <= findings(play).keys()
    assert "latency.role.token" not in findings(play)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=12))
def test_no_quantile_is_beyond_the_next(durations: list[float]) -> None:
    play = Play()
    for number, duration in enumerate(durations):
        take(play, duration, number)
    latency = findings(play)["latency.method.tools/call"]
    assert isinstance(latency.value, dict)
    names = ("p50", "p90", "p99", "max")
    rising = [latency.low, *(latency.value[name] for name in names if name in latency.value)]
    assert rising == sorted(rising)


def test_the_time_to_an_answer_is_not_that_to_the_response() -> None:
    play = Play()
    session = Sse(play, "a" * 40)
    session.say(call(1, "tools/list"))
    play.later(2)
    session.hear(result(1, tools=[]))
    found = findings(play)
    assert found["latency.method.tools/list"].high == pytest.approx(2030)
    assert found["latency.role.message"].high == pytest.approx(10)


def test_first_event_of_an_answer_but_not_of_a_stream_that_waits() -> None:
    play = Play()
    session = Streamable(play, "s")
    session.stream = play.listen(MCP, session.headers)
    play.stream(session.stream)
    play.later(60)
    play.event(session.stream, note("notifications/message"))
    post = session.post(call(1, "tools/call", name="a"))
    play.stream(post)
    play.later(1)
    play.event(post, result(1))
    play.end(post)
    found = findings(play)
    assert found["latency.first_event.mcp"].count == 1
    assert found["latency.first_event.mcp"].high == pytest.approx(1020)


def test_routes_of_one_role_count_together() -> None:
    play = Play()
    for number, url in zip(count(), (MCP, f"{MCP}2"), strict=False):
        play.answer(play.post(url, initialize(number)), initialized(number))
    assert findings(play)["latency.role.mcp"].count == 2


def test_what_is_not_answered_has_no_latency() -> None:
    play = Play()
    play.fail(play.post(MCP, initialize()))
    session = Sse(play, "a" * 40)
    session.say(call(1, "tools/list"))
    assert not [
        id_ for id_ in findings(play) if id_ in {"latency.method.tools/list", "latency.role.mcp"}
    ]


def test_a_real_recording() -> None:
    found = findings(RECORDINGS / "oauth-streamable.jsonl")
    assert found["latency.method.tools/call"].count == 4
    assert found["latency.role.token"].count == 2
    assert found["latency.role.resource-metadata"].count == 1
    assert not [id_ for id_ in found if id_.startswith("latency.role.other")]


@given(st.lists(st.floats(0.001, 1e7), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_wrong_by_a_hundredth_at_most(values: list[float], share: float) -> None:
    counts: dict[int, int] = {}
    for value in values:
        counts[times.bucket(value)] = counts.get(times.bucket(value), 0) + 1
    found = times.quantile(counts, share)
    error = 1.001 * times.ERROR
    assert sum(value * (1 - error) <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value * (1 + error) < found for value in values) <= share * len(values) + 1e-9
