"""Reads mitmproxy's flow files, which hold flows in the order in which they ended.

A file is read twice: first for the starts of its flows, then flow by flow in that order, so that
only those under way are in memory. What stands before damage is kept.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
from mitmproxy import flow, http
from mitmproxy.io import FlowReader

from wiretape.recorder.capture.addon import HOP_TO_PROXY
from wiretape.recorder.capture.recorder import Recorder
from wiretape.recorder.errors import BadInputError
from wiretape.recorder.importing.captured import Captured, RawHeaders, Steps
from wiretape.recorder.log.printable import printable

MAX_FLOW = 512 << 20
"""The most bytes that one flow may have in its file: it has to be in memory."""

_LONGEST_LENGTH = 12  # digits, as mitmproxy's own reader has it
_WITHOUT_BODY = ("GET", "HEAD", "DELETE", "OPTIONS", "TRACE")


class FlowFile:
    """The flow file that `file` reads, called `name` in errors.

    `damage` says where it could not be read on, `skipped` counts flows that are not HTTP. Raises
    BadInputError if there is no HTTP flow before the damage.
    """

    mode = "mitmproxy"
    note = "from a flow file of mitmproxy: an SSE event has the time of its stream's end"

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._clients: dict[str, str] = {}
        self._servers: dict[str, str] = {}
        self.damage: str | None = None
        self.skipped = 0
        self._order = sorted(self._starts())
        if not self._order:
            raise BadInputError(f"{name}: {self.damage or 'no HTTP exchange in this flow file'}")
        self.start = self._order[0][0]

    def exchanges(self, recorder: Recorder) -> Iterator[tuple[datetime, Steps]]:
        """Give the exchanges in the order of their starts."""
        for start, offset in self._order:
            self._file.seek(offset)
            found = _next_flow(self._file)
            assert isinstance(found, http.HTTPFlow)
            client, server = found.client_conn.id, found.server_conn.id
            exchange = _captured(
                found,
                self._clients.setdefault(client, f"c{len(self._clients) + 1}"),
                self._servers.setdefault(server, f"s{len(self._servers) + 1}"),
            )
            yield start, exchange.steps(recorder)

    def _starts(self) -> Iterator[tuple[datetime, int]]:
        """Check every flow; give those that are HTTP, by their start and offset."""
        offset = 0
        try:
            while found := _next_flow(self._file):
                if isinstance(found, http.HTTPFlow):
                    yield _captured(found, "", "").start, offset
                else:
                    self.skipped += 1
                offset = self._file.tell()
        except Exception as error:  # noqa: BLE001 - what mitmproxy raises, bad data decides
            self.damage = f"no flow at byte {offset}: {printable(str(error))[:200]}"


def _next_flow(file: BinaryIO) -> flow.Flow | None:
    """Read one flow, or nothing at the end of the file; first see that it is not too large.

    A flow is a tnetstring: its length in digits, a colon, and as many bytes.
    """
    start = file.tell()
    length, colon, _ = file.read(_LONGEST_LENGTH + 1).partition(b":")
    if not length:
        return None
    if not colon or not length.isdigit():
        raise ValueError("not mitmproxy's format")
    if int(length) > MAX_FLOW:
        raise ValueError(f"{int(length)} bytes are more than a flow may have")
    file.seek(start)
    return next(iter(FlowReader(file).stream()))


def _captured(found: http.HTTPFlow, client: str, server: str) -> Captured:
    """Take a flow for what it says. msgspec checks the types, as mitmproxy's loader does not."""
    request, response, error = found.request, found.response, found.error
    start = _time(request.timestamp_start)
    sent = _time(request.timestamp_end or request.timestamp_start)
    times = [sent]
    reply = None
    if response:
        answered = _time(response.timestamp_start)
        times += [answered, _time(response.timestamp_end or response.timestamp_start)]
        reply = {
            "at": answered,
            "http": response.http_version,
            "status": response.status_code,
            "reason": response.reason,
            "upstream": server,
            "headers": response.headers.fields,
            "chunks": ((max(times), response.raw_content or b""),),
            "trailers": response.trailers.fields if response.trailers else (),
            "missing": _missing_of_response(found),
        }
    if error:
        times.append(_time(error.timestamp))
    return msgspec.convert(
        {
            "connection": client,
            "start": start,
            "method": request.method,
            "url": request.url,
            "request": {
                "http": request.http_version,
                "headers": _without_hop(request.headers.fields),
                "chunks": ((sent, request.raw_content or b""),),
                "trailers": request.trailers.fields if request.trailers else (),
                "missing": _missing_of_request(request),
            },
            "reply": reply,
            "end": max(times),
            "error": error.msg if error else None,
            "peer": f"{request.host}:{request.port}",
        },
        Captured,
    )


def _missing_of_request(request: http.Request) -> str | None:
    if request.raw_content is None and request.method not in _WITHOUT_BODY:
        return "mitmproxy did not keep the body of a request"
    return None


def _missing_of_response(found: http.HTTPFlow) -> str | None:
    response = found.response
    if found.websocket:
        return "WebSocket messages are not recorded"
    if response and response.raw_content is None and response.status_code not in (204, 304):
        return "mitmproxy did not keep the body of a response"
    return None


def _without_hop(headers: RawHeaders) -> RawHeaders:
    return tuple(pair for pair in headers if pair[0].lower() not in HOP_TO_PROXY)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
