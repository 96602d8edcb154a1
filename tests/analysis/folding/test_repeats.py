"""Observers that promise to say the same of things of one kind keep that promise."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from arbitrary import consistent
from official import official
from our_bridge import our_bridge
from play import Play, call, failure, result
from players import MCP, Sessionless, Streamable
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.folding.audience import Audience, Observers
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.folding.parts import Lines, whole
from wiretape.analysis.observer import Observer
from wiretape.analysis.observers import observers
from wiretape.recorder.log.records import Entry

ROOT = Path(__file__).parents[3]
SCRUPULOUS = {name: replace(each, repeats="never") for name, each in observers().items()}

type Numbered = Sequence[tuple[int, Entry]]


def tallies(lines: Numbered, watching: Observers) -> dict[str, dict[Any, Any]]:
    audience = Audience(watching)
    fold = Fold(audience, 0)
    for number, record in lines:
        fold.add(number, record)
    fold.finish()
    return {name: dict(facts) for name, facts in audience.learnt().items()}


def assert_promises_are_kept(lines: Numbered) -> None:
    expected = tallies(lines, SCRUPULOUS)
    for name, found in tallies(lines, observers()).items():
        assert found == expected[name], name


@pytest.mark.parametrize("play", [official, our_bridge])
def test_in_a_life_of_a_service(play: Callable[[], Play]) -> None:
    assert_promises_are_kept(play().lines)


def test_in_much_mixed_traffic(tmp_path: Path) -> None:
    path = tmp_path / "generated.jsonl"
    generate = [sys.executable, "-m", "benchmarks.generated", str(path), "--size", "4MB"]
    subprocess.run(generate, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert_promises_are_kept(list(Lines(whole(0, path), lambda _: None)))


@pytest.mark.parametrize(
    ("url", "scheme"), [("", "Bearer"), ("", "Basic"), ("?access_token={token}", None)]
)
def test_with_many_credentials(url: str, scheme: str | None) -> None:
    play = Play()
    for number in range(60):
        token = f"t{number % 4:06}"
        headers = {"authorization": f"{scheme} {token}"} if scheme else {}
        post = play.post(MCP + url.format(token=token), call(number, "ping"), headers)
        play.answer(post, result(number))
    assert_promises_are_kept(play.lines)


@pytest.mark.parametrize("status", [401, 404, 405, 429, 502])
def test_with_many_failures_of_several_kinds(status: int) -> None:
    play = Play()
    session = Streamable(play, "0f3c")
    for number in range(60):
        post = session.post(call(number, "tools/call", name=f"tool{number % 3}"))
        if number % 5:
            error = failure(number % 2, -32000 - number % 2)
            challenge = f'Bearer error="{("a", "b")[number % 2]}"'
            play.answer(post, error, status=status, headers={"www-authenticate": challenge})
        else:
            play.end(post, "client abort")
    assert_promises_are_kept(play.lines)


@given(consistent())
def test_in_whatever_there_may_be(records: list[Entry]) -> None:
    assert_promises_are_kept(list(enumerate(records * 20, 2)))


def test_observers_of_ordinary_traffic_are_soon_left_alone() -> None:
    asked = []

    def count(_seen: object) -> list[Fact]:
        asked.append(1)
        return [Fact(("exchange",))]

    def nothing(_facts: Facts, _scene: object) -> list[object]:
        return []

    watching = {
        "counting": Observer(
            title="", wants=frozenset({"mcp"}), exchange=count, repeats="kind", conclude=nothing
        )
    }
    play = Play()
    session = Streamable(play, "0f3c")
    for number in range(200):
        play.answer(session.post(call(number, "ping")), result(number))
    found = tallies(play.lines, watching)["counting"]
    assert found["exchange",].count == 202
    assert len(asked) < 30


def test_clients_that_share_a_user_agent_are_told_apart() -> None:
    play = Play()
    for name in ("alpha", "beta"):
        session = Sessionless(play, name)
        for number in range(70):
            play.answer(session.post(call(number, "ping")), result(number))
    assert_promises_are_kept(play.lines)


def test_a_token_in_a_url_is_found_after_an_empty_one() -> None:
    play = Play()
    for token in ("", "secret"):
        for number in range(20):
            url = f"{MCP}?access_token={token}"
            play.answer(play.post(url, call(number, "ping")), result(number))
    assert_promises_are_kept(play.lines)
