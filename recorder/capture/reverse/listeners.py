"""The recorder's ports in reverse mode, each of which leads to one upstream origin."""

import asyncio
import socket

from mitmproxy import ctx
from mitmproxy.proxy.mode_servers import ServerInstance
from mitmproxy.proxy.mode_specs import ReverseMode

from wiretape.recorder.capture.reverse.origins import Origin
from wiretape.recorder.errors import EnvironmentFaultError, UsageError


class Listeners:
    """Listens on demand.

    mitmproxy would listen by itself when told to by its `mode` option, but only some time later
    and, for https, on a UDP port as well. Here a port is ready when it is given out.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._serving: list[asyncio.Task[asyncio.Server]] = []

    def open(self, origin: Origin, port: int = 0) -> int:
        """Listen on a port, 0 takes a free one, and carry what comes to an upstream origin.

        Raises UsageError for a host that there cannot be, EnvironmentFaultError when the port
        cannot be listened on.
        """
        try:
            mode = ReverseMode.parse(f"reverse:{origin}")
        except ValueError:
            raise UsageError(f"{origin}: no host can have this name") from None
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listening = socket.create_server((self._host, port), family=family)
            # Inherited by connections; asyncio sees to it only for sockets that it made itself.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise EnvironmentFaultError(
                f"{self._host}:{port}: cannot listen there: {error.strerror}; "
                "choose another with --listen"
            ) from None
        manager = ctx.master.addons.get("proxyserver")
        instance: ServerInstance[ReverseMode] = ServerInstance.make(mode, manager)
        serving = asyncio.start_server(instance.handle_stream, sock=listening)
        self._serving.append(asyncio.create_task(serving))
        return int(listening.getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        for serving in self._serving:
            if serving.done():
                serving.result().close()
            else:
                serving.cancel()
