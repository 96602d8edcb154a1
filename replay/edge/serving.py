"""A service on the ports of this machine: one for each of its origins, in one event loop."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial

from wiretape.analysis.profile.model import Profile
from wiretape.replay.clock import Clock
from wiretape.replay.edge.asgi import App
from wiretape.replay.edge.listening import Listener, bound, listening
from wiretape.replay.edge.recording import Taken
from wiretape.replay.edge.tapped import Tapped
from wiretape.replay.edge.tls import Authority
from wiretape.replay.http.origins import Origins, home, origins_of
from wiretape.replay.http.redirects import plain_twin
from wiretape.replay.http.routes import routes_of
from wiretape.replay.oauth.documents import issuer
from wiretape.replay.service import Choices, Service

_NAMED = frozenset({"authorization", "token", "registration", "revocation", "resources"})


@dataclass(frozen=True)
class Running:
    """A service that listens. `urls` are its MCP endpoints, `origins` where it stands in.

    `authority` is whom to trust, if it is reached by https.
    """

    service: Service
    urls: tuple[str, ...]
    origins: Origins
    authority: Authority | None = None

    def env(self) -> dict[str, str]:
        """Give environment variables that tell a process where the service is.

        `WIRETAPE_URL` is the MCP endpoint. `WIRETAPE_ISSUER`, and `WIRETAPE_…_URL` of the
        `AUTHORIZATION`, `TOKEN`, `REGISTRATION`, `REVOCATION` and `RESOURCES` (the sites that a
        token opens), are there if the profile has them; by https also what makes common clients
        trust it, `SSL_CERT_FILE` and others.
        """
        profile = self.service.world.profile
        endpoints = {
            f"WIRETAPE_{role.upper()}_URL": self.origins.local[site] + path
            for (site, path), role in routes_of(profile).roles.items()
            if role in _NAMED
        }
        named = issuer(profile)
        told = {} if named is None else {"WIRETAPE_ISSUER": self.origins.rewritten(named)}
        trust = {} if self.authority is None else self.authority.environment
        return {"WIRETAPE_URL": self.urls[0], **told, **endpoints, **trust}


@asynccontextmanager
async def running(
    profile: Profile,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
    choices: Choices | None = None,
    authority: Authority | None = None,
    taken: Taken | None = None,
) -> AsyncIterator[Running]:
    """Run a service while the context lasts; port 0 takes a free one.

    The MCP endpoint's origin gets the port, the others free ones. With an `authority` all of them
    are https, and there is a plain one beside, to which a redirect may lead. What passes is in the
    recording that is `taken`. Raises EnvironmentFaultError if it cannot be listened there.
    """
    twin = plain_twin(profile) if authority is not None else None
    sites = origins_of(profile) + (() if twin is None else (twin,))
    async with AsyncExitStack() as stack:
        sockets = {
            site: stack.enter_context(closing(bound(host, port if site == sites[0] else 0)))
            for site in sites
        }
        named = f"[{host}]" if ":" in host else host
        ports = {site: at.getsockname()[1] for site, at in sockets.items()}
        secure = frozenset(sites) - {twin} if authority is not None else frozenset[str]()
        schemes = {site: "https" if site in secure else "http" for site in sites}
        origins = Origins({site: f"{schemes[site]}://{named}:{ports[site]}" for site in sites})
        service = Service(profile, origins, clock=clock, choices=choices)
        tls = authority.context(host) if authority is not None else None
        listeners = []
        for site, at in sockets.items():
            app = App(service, site, _hosts(named, ports[site]))
            entered = listening(
                app if taken is None else Tapped(app, taken, service.world.gate),
                at,
                tls=tls if site in secure else None,
                recorded=taken is not None,
            )
            listeners.append(await stack.enter_async_context(entered))
        service.world.gate.moved = partial(_moved, service, listeners)
        stack.callback(service.close)
        yield Running(service, _urls(profile, origins), origins, authority)


def _moved(service: Service, listeners: list[Listener]) -> None:
    """Refuse connections, or take them again, as the service's gate says."""
    for listener in listeners:
        if not service.world.gate.is_open:
            listener.refuse()
        elif not listener.servers:
            listener.accept()


def _hosts(host: str, port: int) -> frozenset[str]:
    return frozenset({f"{host}:{port}".lower(), f"localhost:{port}", f"127.0.0.1:{port}"})


def _urls(profile: Profile, origins: Origins) -> tuple[str, ...]:
    """Give the MCP endpoints; a service that is not known to have one is at its root."""
    known = (profile.endpoints.mcp, profile.endpoints.sse)
    found = tuple(origins.rewritten(url) for url in known if url is not None)
    return found or (origins.local[home(profile)],)
