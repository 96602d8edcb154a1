"""mitmproxy without what an interactive tool needs and a recorder pays for at every request.

Measured with cProfile: for each of a request's four hooks mitmproxy asks every add-on for the
hook's method, then again for an `update` hook that only its user interfaces have; and it copies and
type-checks an option whenever it is read, some twenty times a request.
"""

import inspect
from collections.abc import Callable
from typing import Any

from mitmproxy.addonmanager import AddonManager, safecall
from mitmproxy.hooks import Hook
from mitmproxy.master import Master
from mitmproxy.options import Options


class LeanMaster(Master):
    """A master for add-ons that are all there before the first connection."""

    def __init__(self) -> None:
        super().__init__(_RememberedOptions())
        self.addons = _BoundAddons(self)


class _RememberedOptions(Options):
    """Options that are converted once, until they change."""

    def __init__(self) -> None:
        super().__init__()
        self.changed.connect(self._forget)

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        self.__dict__[name] = value
        return value

    def _forget(self, updated: set[str]) -> None:
        for name in updated:
            self.__dict__.pop(name, None)


class _BoundAddons(AddonManager):
    """Looks up who handles a hook once."""

    def __init__(self, master: Master) -> None:
        super().__init__(master)
        self._bound: dict[str, list[Callable[..., Any]]] = {}

    def add(self, *addons: object) -> None:
        super().add(*addons)
        self._bound.clear()

    async def handle_lifecycle(self, event: Hook) -> None:
        functions = self._bound.get(event.name)
        if functions is None:
            functions = [f for a in self.chain for _, f in self._iter_hooks(a, event)]
            self._bound[event.name] = functions
        arguments = event.args()
        for function in functions:
            with safecall():
                result = function(*arguments)
                if result is not None and inspect.isawaitable(result):
                    await result
