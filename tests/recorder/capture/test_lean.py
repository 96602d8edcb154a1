"""The lean mitmproxy: hooks looked up once, options converted once, and never stale."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.proxy.server_hooks import ClientConnectedHook
from mitmproxy.test.tflow import tclient_conn

from wiretape.recorder.capture.lean import LeanMaster


class Counting:
    """An add-on that counts, and can fail or take its time."""

    def __init__(self, name: str, *, fails: bool = False, waits: bool = False) -> None:
        self.name = name
        self.calls = 0
        self._fails = fails
        self._waits = waits

    def client_connected(self, client: object) -> Coroutine[Any, Any, None] | None:
        if self._fails:
            raise RuntimeError("an add-on's mistake")
        if self._waits:
            return self._later()
        self.calls += 1
        return None

    async def _later(self) -> None:
        await asyncio.sleep(0)
        self.calls += 1


def test_every_addon_is_called_even_after_one_that_fails():
    async def play() -> list[int]:
        master = LeanMaster()
        addons = [Counting("a"), Counting("b", fails=True), Counting("c", waits=True)]
        master.addons.add(*addons)
        for _ in range(3):
            await master.addons.handle_lifecycle(ClientConnectedHook(tclient_conn()))
        return [addon.calls for addon in addons]

    assert asyncio.run(play()) == [3, 0, 3]


def test_an_addon_that_comes_later_is_called_too():
    async def play() -> int:
        master = LeanMaster()
        late = Counting("late")
        await master.addons.handle_lifecycle(ClientConnectedHook(tclient_conn()))
        master.addons.add(late)
        await master.addons.handle_lifecycle(ClientConnectedHook(tclient_conn()))
        return late.calls

    assert asyncio.run(play()) == 1


def test_an_option_that_changes_is_read_anew():
    async def play() -> list[str]:
        master = LeanMaster()
        master.addons.add(Proxyserver())
        seen = [master.options.connection_strategy]
        for strategy in ("lazy", "eager"):
            master.options.update(connection_strategy=strategy)
            seen.append(master.options.connection_strategy)
        return seen

    assert asyncio.run(play()) == ["eager", "lazy", "eager"]
