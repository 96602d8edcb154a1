"""Many services in one event loop, each on its own ports; none knows of another."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from wiretape.analysis.profile.model import Profile
from wiretape.recorder.errors import UsageError
from wiretape.replay.arming import Plan
from wiretape.replay.clock import Clock
from wiretape.replay.edge.recording import Taken
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.edge.tls import Authority
from wiretape.replay.service import Choices


class Hosting:
    """The services by their names; with an `authority` they are reached by https."""

    def __init__(self, authority: Authority | None = None) -> None:
        self._authority = authority
        self._services: dict[str, tuple[Running, AsyncExitStack]] = {}

    def __iter__(self) -> Iterator[tuple[str, Running]]:
        return iter([(name, at) for name, (at, _) in self._services.items()])

    def __getitem__(self, name: str) -> Running:
        """Give a service. Raises UsageError if there is none of that name."""
        self._check(name)
        return self._services[name][0]

    async def start(
        self,
        profile: Profile,
        name: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        choices: Choices | None = None,
        faults: Sequence[Plan] = (),
        taken: Taken | None = None,
    ) -> Running:
        """Run a service. Raises UsageError if that is taken."""
        if name in self._services:
            raise UsageError(f"a service is called {name} already")
        async with AsyncExitStack() as stack:
            at = await stack.enter_async_context(
                running(
                    profile,
                    host=host,
                    port=port,
                    clock=clock,
                    choices=choices,
                    authority=self._authority,
                    taken=taken,
                )
            )
            for plan in faults:
                at.service.faults.take(plan)
            self._services[name] = at, stack.pop_all()
        return at

    async def stop(self, name: str) -> None:
        """End a service. Raises UsageError if there is none of that name."""
        self._check(name)
        _, stack = self._services.pop(name)
        await stack.aclose()

    def _check(self, name: str) -> None:
        if name not in self._services:
            there = ", ".join(self._services) or "there is none"
            raise UsageError(f"no service is called {name}: {there}")


@asynccontextmanager
async def hosting(authority: Authority | None = None) -> AsyncIterator[Hosting]:
    """Have services while the context lasts."""
    services = Hosting(authority)
    try:
        yield services
    finally:
        for name, _ in services:
            await services.stop(name)
