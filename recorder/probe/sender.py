"""Sends what steps ask for over httpx: no redirects, no cookies, no header but those asked for."""

import asyncio
import itertools
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx

from wiretape.recorder.log.printable import printable
from wiretape.recorder.probe.audience import Rest
from wiretape.recorder.probe.clock import Clock
from wiretape.recorder.probe.streams import Reader
from wiretape.recorder.probe.talk import Answer, Ask, OverloadedError, StepError, answer_to
from wiretape.recorder.wire.coding import CodingError, decoder
from wiretape.recorder.wire.sse import ServerSentEvent

REPEATS = 2
"""How often a request is repeated that is answered with Retry-After."""
LONGEST_REST = 120.0
"""Seconds; a service that asks for a longer rest is left alone."""

_HEAD_SECONDS = 60.0
_BODY_SECONDS = 30.0
_ANSWER_SECONDS = 60.0
_LISTEN_SECONDS = 2.0
_END_SECONDS = 1.0
_MOST_BODY = 1 << 20


def http_client(trusted: ssl.SSLContext, proxy: str | None = None) -> httpx.AsyncClient:
    """Make the client, over `proxy` or else over the environment's proxies, if any.

    Every request has a connection of its own: a service may end an idle one at any moment, and a
    POST that was lost that way must not be repeated.
    """
    alone = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(verify=trusted, proxy=proxy, trust_env=proxy is None, limits=alone)


class Sender:
    """Sends one request after the other, at most so many per second, and keeps streams open.

    `rest` is awaited to let time pass when a service asks for it.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        per_second: float,
        rest: Rest,
    ) -> None:
        self._http = http
        self._clock = clock
        self._interval = 1 / per_second
        self._next = clock.now()
        self._rest = rest
        self._streams: dict[int, Reader] = {}
        self._numbers = itertools.count(1)

    @property
    def open_streams(self) -> int:
        """The number of streams that are kept."""
        return len(self._streams)

    async def send(self, ask: Ask) -> Answer:
        """Send a request, again if the service says when. Raises StepError without an answer."""
        for repeat in itertools.count():
            answer = await self._send(ask)
            seconds = retry_after(answer)
            if seconds is None or repeat == REPEATS:
                break
            if seconds > LONGEST_REST:
                raise OverloadedError(f"the service asks to wait {seconds:.0f} s")
            await self._rest(answer.at + timedelta(seconds=seconds), "as the service asks")
        return answer

    async def receive(self, stream: int, answers: int) -> tuple[ServerSentEvent, ...]:
        """Read a kept stream up to an answer. Raises StepError if that does not come."""
        if stream not in self._streams:
            raise StepError("the event stream is closed")
        events = await self._streams[stream].until(_answering(answers), _ANSWER_SECONDS)
        if answer_to(answers, events) is None:
            raise StepError("the event stream brought no answer")
        return events

    async def close(self, stream: int) -> None:
        """Leave a kept stream."""
        reader = self._streams.pop(stream, None)
        if reader is not None:
            await reader.close()

    async def close_all(self, but: int | None = None) -> None:
        """Leave all streams `but` one."""
        for stream in [stream for stream in self._streams if stream != but]:
            await self.close(stream)

    async def _send(self, ask: Ask) -> Answer:
        now = self._clock.now()
        await self._clock.sleep(max(0.0, min((self._next - now).total_seconds(), self._interval)))
        self._next = self._clock.now() + timedelta(seconds=self._interval)
        try:
            request = httpx.Request(
                ask.method,
                ask.url,
                headers=[(name.encode(), value.encode("latin-1")) for name, value in ask.headers],
                content=ask.body or None,
            )
            async with asyncio.timeout(_HEAD_SECONDS):
                response = await self._http.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
        except UnicodeEncodeError:
            raise StepError("a header would hold what no header can") from None
        except TimeoutError:
            raise StepError(f"no answer within {_HEAD_SECONDS:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise StepError(printable(str(error)) or type(error).__name__) from error
        return await self._read(ask, response)

    async def _read(self, ask: Ask, response: httpx.Response) -> Answer:
        at = self._clock.now()
        body, events, number = b"", tuple[ServerSentEvent, ...](), None
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code == 200 and media_type == "text/event-stream":
            reader = Reader(response)
            try:
                events = await self._first_of(reader, ask.answers)
            except BaseException:
                await reader.close()
                raise
            if ask.keep:
                number = next(self._numbers)
                self._streams[number] = reader
            else:
                await reader.close()
        else:
            body = await _body(response)
        return Answer(
            status=response.status_code,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            ),
            at=at,
            body=body,
            events=events,
            stream=number,
        )

    async def _first_of(self, reader: Reader, answers: int | None) -> tuple[ServerSentEvent, ...]:
        if answers is None:
            return await reader.until(lambda _: True, _LISTEN_SECONDS)
        events = await reader.until(_answering(answers), _ANSWER_SECONDS)
        await reader.ended(_END_SECONDS)  # as a server should after an answer
        return events


def retry_after(answer: Answer) -> float | None:
    """Tell how many seconds a service asks to wait (RFC 9110, 10.2.3), if it does."""
    asked = answer.header("retry-after")
    if asked is None or answer.status not in (429, 503):
        return None
    asked = asked.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        return max(0.0, (parsedate_to_datetime(asked) - answer.at).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _answering(wanted: int) -> Callable[[ServerSentEvent], bool]:
    return lambda event: answer_to(wanted, (event,)) is not None


async def _body(response: httpx.Response) -> bytes:
    """Read a body up to a limit; what is not readable is left out."""
    parts = bytearray()
    try:
        decode = decoder(response.headers.get("content-encoding"))
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in response.aiter_raw():
                for piece in decode.feed(chunk):
                    parts += piece
                    if len(parts) >= _MOST_BODY:
                        return bytes(parts)
    except CodingError:
        return b""
    except TimeoutError:
        raise StepError(f"the body did not end within {_BODY_SECONDS:.0f} s") from None
    except httpx.HTTPError as error:
        raise StepError(printable(str(error)) or type(error).__name__) from error
    finally:
        await response.aclose()
    return bytes(parts)
