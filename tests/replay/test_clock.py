import asyncio

import pytest

from wiretape.replay.clock import Clock


class Wall:
    def __init__(self) -> None:
        self.shows = 50.0

    def __call__(self) -> float:
        return self.shows


def test_it_runs_with_the_wall_clock_or_at_another_rate() -> None:
    wall = Wall()
    clock = Clock(1000, wall=wall)
    wall.shows += 3
    assert clock.now() == 1003
    clock.run(60)
    wall.shows += 2
    assert clock.now() == 1123


def test_a_stopped_clock_moves_only_when_told() -> None:
    wall = Wall()
    clock = Clock(1000, wall=wall)
    clock.stop()
    wall.shows += 100
    clock.advance(5)
    assert (clock.now(), clock.rate) == (1005, 0)


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_it_does_not_go_back(seconds: float) -> None:
    with pytest.raises(ValueError, match="does not go back"):
        Clock(0).advance(seconds)


@pytest.mark.parametrize("rate", [-1, float("inf"), float("nan")])
def test_there_are_rates_at_which_no_clock_runs(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Clock(0).run(rate)


def test_who_waits_is_woken_by_a_jump_and_not_before() -> None:
    async def waiting() -> None:
        clock = Clock(1000, rate=0)
        waits = asyncio.create_task(clock.until(1060))
        await asyncio.sleep(0)
        clock.advance(59)
        await asyncio.sleep(0.01)
        assert not waits.done()
        clock.advance(1)
        await waits

    asyncio.run(asyncio.wait_for(waiting(), 5))


def test_who_waits_is_woken_when_a_stopped_clock_runs_on() -> None:
    async def waiting() -> None:
        clock = Clock(1000, rate=0)
        waits = asyncio.create_task(clock.until(1060))
        await asyncio.sleep(0)
        clock.run(100_000)
        await waits
        assert clock.now() >= 1060

    asyncio.run(asyncio.wait_for(waiting(), 5))


def test_another_thread_may_move_it() -> None:
    async def waiting() -> None:
        clock = Clock(1000, rate=0)
        waits = asyncio.create_task(clock.until(1060))
        await asyncio.sleep(0)
        await asyncio.to_thread(clock.advance, 60)
        await waits

    asyncio.run(asyncio.wait_for(waiting(), 5))
