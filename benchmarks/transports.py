"""The MCP sessions of a made-up recording over its two transports."""

import msgspec
from msgspec import Raw

from benchmarks.scene import Headers, json_body, text_body
from benchmarks.sessions import Session
from benchmarks.users import Doing, User
from wiretape.recorder.log.records import Content

KEEP_ALIVE = 15.0
"""Seconds between the comments on a quiet stream."""

_STREAM = ("content-type", "text/event-stream")


def life(user: User) -> Doing[None]:
    """Do all that a user does in a recording."""
    yield from user.arrive()
    for _ in range(user.random.randint(1, 3)):
        kind = Listening if user.service.transport == "sse" else Streamable
        yield from kind(user).run()
        yield user.random.expovariate(1 / 900)


class Streamable(Session):
    """Streamable HTTP: an answer comes in the response to its request, as JSON or as a stream."""

    def __init__(self, user: User) -> None:
        super().__init__(user)
        self._stream: int | None = None
        self._given: Headers = ()
        self._session_id = (("mcp-session-id", self.id),) if user.service.streams else ()
        self._heard = 0.0

    def connect(self) -> Doing[None]:
        """Post `initialize`, at times to where it is redirected from."""
        asked, found = self.initialize()
        cause = None
        if self.random.random() < 0.1:
            number = self.user.send("POST", self.user.url + "/", json_body(asked))
            yield from self.user.answer(number, 307, given=(("location", self.user.url),))
            cause = number
        yield from self._exchange(asked, [found], cause=cause)
        version = ("mcp-protocol-version", self.user.client.protocol)
        self._given = (*self._session_id, version)

    def listen(self) -> Doing[None]:
        """GET a stream, if the service has them."""
        yield from self.user.preflight("GET", self.user.url)
        number = self._send("GET", on=self.scene.connect())
        if self.user.service.streams:
            yield self.user.latency()
            headers = self.user.headers(_STREAM, *self._session_id)
            self.scene.respond(number, 200, headers, None, stream=True)
            self._stream, self._heard = number, self.scene.now
        else:
            yield from self.user.answer(number, 405, given=(("allow", "POST, DELETE"),))

    def disconnect(self) -> Doing[None]:
        """DELETE the session, if there is one."""
        if self._stream is None:
            return
        yield from self.user.preflight("DELETE", self.user.url)
        yield from self.user.answer(self._send("DELETE"), 200)
        self._keep_alive(self._stream)
        self.scene.end(self._stream)

    def post(self, message: bytes, answers: list[bytes]) -> Doing[None]:
        """Post, with a new token if need be."""
        yield from self.user.preflight("POST", self.user.url)
        if self.user.expired:
            yield from self.user.refused(self._send("POST", message))
            yield from self.user.refresh()
        yield from self._exchange(message, answers)
        if self._stream is not None and self.random.random() < 0.02:
            self._keep_alive(self._stream)
            changed = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
            self.scene.event(self._stream, Content(json=Raw(msgspec.json.encode(changed))))

    def _exchange(
        self, message: bytes, answers: list[bytes], cause: int | None = None
    ) -> Doing[None]:
        number = self._send("POST", message, cause=cause)
        given = () if self._given else self._session_id
        if not answers:
            yield from self.user.answer(number, 202)
        elif not self.user.service.streams:
            yield from self.user.answer(number, 200, json_body(answers[-1]), given)
        else:
            yield self.user.latency()
            headers = self.user.headers(_STREAM, *given)
            self.scene.respond(number, 200, headers, None, stream=True)
            for answer in answers:
                yield self.user.latency()
                self.scene.event(number, Content(json=Raw(answer)))
            self.scene.end(number)

    def _send(
        self,
        method: str,
        message: bytes | None = None,
        *,
        on: str | None = None,
        cause: int | None = None,
    ) -> int:
        return self.user.send(
            method,
            self.user.url,
            None if message is None else json_body(message),
            on=on,
            accept="application/json, text/event-stream",
            given=(*self.user.bearer(), *self._given),
            cause=cause,
        )

    def _keep_alive(self, stream: int) -> None:
        self.scene.keep_alive(stream, int((self.scene.now - self._heard) / KEEP_ALIVE))
        self._heard = self.scene.now


class Listening(Session):
    """HTTP+SSE: every answer comes as an event on the one stream that the client listens to."""

    def __init__(self, user: User) -> None:
        super().__init__(user)
        self._address = f"{user.url}/message?sessionId={self.id}"
        self._stream = 0
        self._heard = 0.0

    def connect(self) -> Doing[None]:
        """Try streamable HTTP, then open the stream, and post `initialize`."""
        asked, found = self.initialize()
        number = self.user.send("POST", self.user.url, json_body(asked), given=self.user.bearer())
        yield from self.user.answer(number, 404, text_body("Missing sessionId parameter"))
        yield from self._open()
        yield from self.post(asked, [found])

    def listen(self) -> Doing[None]:
        """Do nothing: the stream is open."""
        yield from ()

    def disconnect(self) -> Doing[None]:
        """Leave the stream."""
        self._keep_alive()
        self.scene.end(self._stream, "client abort", "Client disconnected.")
        yield 0.0

    def post(self, message: bytes, answers: list[bytes]) -> Doing[None]:
        """Post, with a new token or a new stream if need be."""
        yield from self.user.preflight("POST", f"{self.user.url}/message")
        if self.user.expired:
            yield from self.user.refused(self._send(message))
            yield from self.user.refresh()
        if self.random.random() < 0.003:
            self._keep_alive()
            self.scene.end(self._stream, "server abort", "Server disconnected.")
            yield 1.0
            yield from self._open()
        yield from self.user.answer(self._send(message), 202, text_body("Accepted"))
        for answer in answers:
            yield self.user.latency()
            self._keep_alive()
            self.scene.event(self._stream, Content(json=Raw(answer)))

    def _open(self) -> Doing[None]:
        self._stream = self.user.send(
            "GET",
            self.user.url,
            on=self.scene.connect(),
            accept="text/event-stream",
            given=self.user.bearer(),
        )
        yield self.user.latency()
        self.scene.respond(self._stream, 200, self.user.headers(_STREAM), None, stream=True)
        self._heard = self.scene.now
        address = f"{self.user.service.path}/message?sessionId={self.id}"
        self.scene.event(self._stream, Content(text=address), "endpoint")

    def _send(self, message: bytes) -> int:
        return self.user.send("POST", self._address, json_body(message), given=self.user.bearer())

    def _keep_alive(self) -> None:
        self.scene.keep_alive(self._stream, int((self.scene.now - self._heard) / KEEP_ALIVE))
        self._heard = self.scene.now
