"""mitmproxy, embedded with only the add-ons that carrying traffic takes."""

import asyncio
import logging
import os
from base64 import b64encode
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # not in typeshed

from mitmproxy import http, version
from mitmproxy.addons import disable_h2c, next_layer, proxyserver, tlsconfig
from mitmproxy.net import server_spec
from mitmproxy.net.http.url import hostport
from mitmproxy.proxy import events
from mitmproxy.proxy.mode_servers import ProxyConnectionHandler

from wiretape.recorder.capture import http1
from wiretape.recorder.capture.lean import LeanMaster
from wiretape.recorder.errors import EnvironmentFaultError, UsageError

MITMPROXY_VERSION = version.VERSION
_FOREVER = 10 * 365 * 24 * 3600  # seconds; a stream may be silent as long as its server likes

_MOST_CONNECTIONS = 1000  # of one client to one server

_LOGGER = logging.getLogger("mitmproxy")
_LOGGER.setLevel(logging.ERROR)
_LOGGER.propagate = False  # what it has to say is said by the recorder


@dataclass(frozen=True, kw_only=True)
class ProxyConfig:
    """How to carry the traffic.

    `port` 0 takes a free one. `trusted` is the PEM bundle of authorities that upstream servers are
    verified with. `upstream_proxies` are as `urllib.request.getproxies_environment` gives them.
    """

    host: str
    port: int
    authority: Path
    trusted: Path
    insecure: bool = False
    upstream_proxies: Mapping[str, str] = field(default_factory=dict)


async def serve(
    config: ProxyConfig,
    addons: Sequence[object],
    while_listening: Callable[[int], Awaitable[None]],
    *,
    afterwards: Callable[[], None],
    failed: Callable[[BaseException], None],
    listen: Callable[[], int] | None = None,
) -> None:
    """Carry traffic for as long as `while_listening`, which is called with the port, takes.

    `afterwards` is called whenever something has been sent on, `failed` with what goes wrong inside
    mitmproxy or an add-on. `listen` opens the port; without it, it is that of a forward proxy.

    Raises EnvironmentFaultError when the address cannot be listened on.
    """
    http1.install()
    faults = _Faults(failed)
    _LOGGER.addHandler(faults)
    master = LeanMaster()
    server = _Server(afterwards)
    master.addons.add(
        server, next_layer.NextLayer(), tlsconfig.TlsConfig(), disable_h2c.DisableH2C(), *addons
    )
    upstream = _upstream_proxies(config.upstream_proxies)
    if upstream:
        master.addons.add(_ViaProxy(upstream, config.upstream_proxies))
    master.options.update(
        mode=[] if listen else [f"regular@{config.host}:{config.port}"],
        keep_host_header=True,
        confdir=str(config.authority),
        ssl_insecure=config.insecure,
        ssl_verify_upstream_trusted_ca=str(config.trusted),
        tcp_timeout=_FOREVER,
        websocket=False,  # its messages would be put together anew; as they are, they just pass
        validate_inbound_headers=False,  # what one side says is for the other to judge
        # An eager connection mirrors the server's choice of protocol to the client, but it would
        # go past an upstream proxy, and leaves clients of a reverse proxy without a response when
        # the upstream cannot be reached.
        connection_strategy="lazy" if upstream or listen else "eager",
    )
    carrying = asyncio.create_task(master.run())
    try:
        port = listen() if listen else await _listening(server, config)
        await while_listening(port)
    finally:
        master.shutdown()
        await carrying
        _LOGGER.removeHandler(faults)


class _Faults(logging.Handler):
    """Hands on the exceptions that mitmproxy logs, which is all that it does with them."""

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        super().__init__(logging.ERROR)
        self._failed = failed

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._failed(record.exc_info[1])


class _Server(proxyserver.Proxyserver):
    """mitmproxy's server, which says when it is done with what came in on a connection."""

    def __init__(self, afterwards: Callable[[], None]) -> None:
        super().__init__()
        self._afterwards = afterwards

    @property
    def name(self) -> str:
        """Give the name by which mitmproxy looks for its server."""
        return "proxyserver"

    @contextmanager
    def register_connection(
        self, connection_id: tuple[object, ...] | str, handler: ProxyConnectionHandler
    ) -> Iterator[None]:
        """Follow a connection from its begin to its end."""
        carry = handler.server_event

        async def carry_then_tell(event: events.Event) -> None:
            await carry(event)
            self._afterwards()

        # A client may listen to any number of HTTP/2 streams, each of which needs a connection of
        # its own to a server without HTTP/2; mitmproxy opens five, and the sixth waits.
        handler.max_conns = defaultdict(partial(asyncio.Semaphore, _MOST_CONNECTIONS))
        handler.server_event = carry_then_tell  # type: ignore[method-assign]  # the only hook there is
        with super().register_connection(connection_id, handler):
            yield


async def _listening(server: proxyserver.Proxyserver, config: ProxyConfig) -> int:
    """Wait until the server listens and give its port."""
    changed = asyncio.Event()

    async def on_change() -> None:
        changed.set()

    server.servers.changed.connect(on_change)
    while True:
        for instance in server.servers:
            if error := instance.last_exception:
                number = getattr(error, "errno", None)
                reason = os.strerror(number) if number else str(error)
                raise EnvironmentFaultError(
                    f"{config.host}:{config.port}: cannot listen there: {reason}; "
                    "choose another with --listen"
                )
            if instance.listen_addrs:
                return int(instance.listen_addrs[0][1])
        await changed.wait()
        changed.clear()


@dataclass(frozen=True)
class _UpstreamProxy:
    server: server_spec.ServerSpec
    authorization: str | None


def _upstream_proxies(urls: Mapping[str, str]) -> dict[str, _UpstreamProxy]:
    proxies = {}
    for scheme in ("http", "https"):
        url = urls.get(scheme) or urls.get("all")
        if not url:
            continue
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{scheme}_proxy: only http:// and https:// proxies are supported")
        authorization = None
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            authorization = f"Basic {b64encode(pair.encode()).decode('ascii')}"
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        try:
            proxies[scheme] = _UpstreamProxy(server_spec.parse(bare, "http"), authorization)
        except ValueError:
            raise UsageError(
                f"{scheme}_proxy: not the URL of a proxy, such as http://proxy.example:8080"
            ) from None
    return proxies


class _ViaProxy:
    """Sends requests through the upstream proxy of the environment, but for NO_PROXY's hosts.

    http goes to the proxy in absolute-form (RFC 9112, 3.2.2), https through a tunnel, and so does
    http to a proxy that is itself reached over TLS.
    """

    def __init__(self, proxies: Mapping[str, _UpstreamProxy], environment: Mapping[str, str]):
        self._proxies = proxies
        self._environment = dict(environment)

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        proxy = self._proxies.get(request.scheme)
        if proxy is None or proxy_bypass_environment(request.host, self._environment):
            return
        proxy_scheme, address = proxy.server
        if request.scheme == "https" or proxy_scheme == "https":
            flow.server_conn.via = proxy.server
            return
        request.authority = hostport(request.scheme, request.host, request.port)
        request.data.host, request.data.port = address  # so that Host stays as it is
        if proxy.authorization:
            request.headers["Proxy-Authorization"] = proxy.authorization

    def http_connect_upstream(self, flow: http.HTTPFlow) -> None:
        for proxy in self._proxies.values():
            if proxy.authorization and proxy.server[1] == flow.server_conn.address:
                flow.request.headers["Proxy-Authorization"] = proxy.authorization
