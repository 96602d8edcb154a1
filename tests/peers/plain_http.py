"""Two plain HTTP clients behind one function: httpx, and curl as a subprocess.

Neither follows redirects, and both give an answer as soon as its headers are there.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

import httpx

SECONDS = 30


class Answer(Protocol):
    """An HTTP response whose body is still to be read; header names are lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    def lines(self) -> Iterator[str]: ...
    def text(self) -> str: ...


class Http(Protocol):
    """Send a request and give its answer."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", /
    ) -> AbstractContextManager[Answer]: ...


@dataclass(frozen=True)
class HttpxAnswer:
    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers

    def lines(self) -> Iterator[str]:
        return self.response.iter_lines()

    def text(self) -> str:
        self.response.read()
        return self.response.text


@contextmanager
def with_httpx() -> Iterator[Http]:
    """Offer httpx with its defaults, which read proxies and certificates from the environment."""
    with httpx.Client(timeout=SECONDS) as client:

        @contextmanager
        def send(
            method: str, url: str, headers: Mapping[str, str], body: bytes = b""
        ) -> Iterator[HttpxAnswer]:
            with client.stream(method, url, headers=dict(headers), content=body) as response:
                yield HttpxAnswer(response)

        yield send


@dataclass(frozen=True)
class CurlAnswer:
    status: int
    headers: Mapping[str, str]
    body: IO[bytes]

    def lines(self) -> Iterator[str]:
        return (line.decode().rstrip("\r\n") for line in self.body)

    def text(self) -> str:
        return self.body.read().decode()


@contextmanager
def with_curl() -> Iterator[Http]:
    """Offer curl, one process a request; the request goes to its stdin, not to its arguments."""
    command = ["curl", "--silent", "--show-error", "--no-buffer", "--max-time", str(SECONDS)]
    command += ["--dump-header", "-", "--suppress-connect-headers", "--config", "-"]

    @contextmanager
    def send(
        method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Iterator[CurlAnswer]:
        options = [("request", method), ("url", url)]
        options += [("header", f"{name}: {value}") for name, value in headers.items()]
        options += [("data-binary", body.decode())] if body else []
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as curl:
            assert curl.stdin
            assert curl.stdout
            curl.stdin.write("".join(f"{key} = {quoted(text)}\n" for key, text in options).encode())
            curl.stdin.close()
            try:
                yield CurlAnswer(*head(curl.stdout), curl.stdout)
            finally:
                curl.terminate()

    yield send


def quoted(text: str) -> str:
    """Quote a value as curl's configuration wants it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def head(output: IO[bytes]) -> tuple[int, Mapping[str, str]]:
    """Read the final status and headers; informational answers may come before them."""
    while True:
        status_line = output.readline().split()
        if not status_line:
            sys.exit("curl gave no answer")
        fields = iter(lambda: output.readline().decode().rstrip("\r\n"), "")
        pairs = [field.partition(":") for field in fields]
        if not status_line[1].startswith(b"1"):
            return int(status_line[1]), {name.lower(): value.strip() for name, _, value in pairs}


CLIENTS: dict[str, Callable[[], AbstractContextManager[Http]]] = {
    "httpx": with_httpx,
    "curl": with_curl,
}
