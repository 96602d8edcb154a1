"""The page of ours that the browser lands on with the code (RFC 8252, 7.3): loopback only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.recorder.log.urls import path, query
from wiretape.recorder.probe.talk import StepError

HOST = "127.0.0.1"
PATH = "/callback"
USER_SECONDS = 300.0
"""How long a user has to consent."""

_REQUEST_SECONDS = 10.0
_PAGE = b"You may close this window: wiretape has what it needs.\n"


class Callback:
    """Waits for browsers; `url` is the redirect URI."""

    def __init__(self) -> None:
        self.url = ""
        self._landed: dict[str, asyncio.Future[dict[str, str]]] = {}

    async def landed(self, state: str, seconds: float = USER_SECONDS) -> dict[str, str]:
        """Wait for the callback with this `state` and give its parameters.

        Raises StepError if it does not come in time.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._expected(state)
        except TimeoutError:
            raise StepError(f"nobody came back to the callback within {seconds:.0f} s") from None

    def _expected(self, state: str) -> asyncio.Future[dict[str, str]]:
        return self._landed.setdefault(state, asyncio.get_running_loop().create_future())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(
            TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status, body = self._answer(head.split(b"\r\n", 1)[0].decode("latin-1"))
                writer.write(
                    f"HTTP/1.1 {status}\r\ncontent-type: text/plain\r\n"
                    f"content-length: {len(body)}\r\ncache-control: no-store\r\n"
                    "connection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        writer.close()

    def _answer(self, request_line: str) -> tuple[str, bytes]:
        method, _, rest = request_line.partition(" ")
        target = rest.partition(" ")[0]
        parameters = query(target)
        state = parameters.get("state")
        if method != "GET" or path(target) != PATH or state is None:
            return "404 Not Found", b""
        if len(self._landed) < 1000:  # anybody on this machine can come here
            landed = self._expected(state)
            if not landed.done():
                landed.set_result(parameters)
        return "200 OK", _PAGE


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Callback]:
    """Listen for callbacks on a port of the loopback interface; 0 takes a free one.

    Raises EnvironmentFaultError if the port cannot be had.
    """
    callback = Callback()
    try:
        server = await asyncio.start_server(callback._serve, HOST, port)
    except OSError as error:
        raise EnvironmentFaultError(
            f"--callback-port {port}: cannot listen there: {error.strerror}"
        ) from error
    callback.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}{PATH}"
    try:
        yield callback
    finally:
        server.close()
