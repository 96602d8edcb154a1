"""Redirects, HTTP+SSE, and what comes on streams."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
from client import FailedError
from client.oauth import OAuth
from client.session import Session

from mutants.mistake import mistake, replace

_FOR_EVER = 600


@mistake(fails="redirect.token-stays")
def redirects_are_followed_anywhere() -> None:
    """It follows redirects to wherever they lead, with its token."""
    sent = Session.sent

    def careless(
        self: Session, method: str, url: str, message: dict[str, Any] | None
    ) -> httpx.Response:
        answer = sent(self, method, url, message)
        if answer.is_redirect:
            return sent(self, method, answer.headers["location"], message)
        return answer

    replace(Session, "sent", careless)


@mistake(fails="redirect.ends")
def redirects_are_waited_out() -> None:
    """It waits for another answer after a redirect."""
    sent = Session.sent

    def careless(
        self: Session, method: str, url: str, message: dict[str, Any] | None
    ) -> httpx.Response:
        answer = sent(self, method, url, message)
        if answer.is_redirect:
            time.sleep(_FOR_EVER)
        return answer

    replace(Session, "sent", careless)


@mistake(fails="sse.fallback", also=("sse.message-url",), production="transport")
def there_is_no_fallback() -> None:
    """It knows streamable HTTP only."""
    replace(Session, "falls_back", lambda *_: False)


@mistake(fails="sse.message-url", also=("sse.fallback",))
def messages_go_where_they_please() -> None:
    """It does not read where messages go."""

    def careless(self: Session, first: tuple[str, str]) -> None:
        self.place = f"{self.url}/message"

    replace(Session, "endpoint", careless)


@mistake(fails="stream.cut")
def a_cut_stream_is_waited_for() -> None:
    """It waits for an answer whose stream was cut off."""
    once = Session.once

    def careless(self: Session, method: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return once(self, method, params)
        except httpx.TransportError:
            time.sleep(_FOR_EVER)
            raise

    replace(Session, "once", careless)


@mistake(fails="tolerance.varied")
def ids_have_a_length() -> None:
    """It takes client ids of 32 characters only, and session ids of 64."""
    register, headers = OAuth.register, Session.headers

    def careless(self: OAuth) -> str:
        return _as_long_as(register(self), 32)

    def stubborn(self: Session, method: str) -> dict[str, str]:
        if self.id is not None:
            _as_long_as(self.id, 64)
        return headers(self, method)

    def _as_long_as(given: str, length: int) -> str:
        if len(given) > length:
            raise FailedError(f"{len(given)} characters are no id")
        return given

    replace(OAuth, "register", careless)
    replace(Session, "headers", stubborn)


@mistake(fails="tolerance.pieces")
def what_comes_at_once_is_an_event() -> None:
    """It takes every piece of a stream for whole lines."""

    def careless(self: httpx.Response) -> Iterator[str]:
        for piece in self.iter_text():
            yield from piece.splitlines()

    replace(httpx.Response, "iter_lines", careless)


@mistake(fails="tolerance.line-ends")
def lines_end_with_lf() -> None:
    """It reads only lines that end with LF or CRLF."""

    def careless(self: httpx.Response) -> Iterator[str]:
        rest = ""
        for piece in self.iter_text():
            *lines, rest = (rest + piece).split("\n")
            yield from (line.removesuffix("\r") for line in lines)

    replace(httpx.Response, "iter_lines", careless)


@mistake(fails="tolerance.notification", also=("sse.fallback",))
def the_first_message_is_the_answer() -> None:
    """It takes the first message for the answer."""

    def careless(self: Session, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.number += 1
        said = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        message = next(iter(self.say(said)))
        if "result" not in message:
            raise FailedError(f"{method} has no result")
        return dict(message["result"])

    replace(Session, "once", careless)
