"""The browser as a program."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from wiretape.replay.conformance.driving.opener import opened

type Visits = list[tuple[str, str | None]]


class Site(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.visits: Visits = []


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.visits.append((self.path, self.headers["cookie"]))
        led = {"/start": "/middle", "/middle": "/end?code=c", "/endless": "/endless"}
        to = led.get(self.path)
        self.send_response(302 if to else 200)
        if to:
            self.send_header("location", to)
            self.send_header("set-cookie", "known=yes")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[tuple[str, Visits]]:
    with Site() as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", server.visits
        server.shutdown()


def test_it_follows_redirects_and_keeps_cookies(
    page: tuple[str, Visits],
) -> None:
    url, visits = page
    opened(f"{url}/start")
    assert visits == [("/start", None), ("/middle", "known=yes"), ("/end?code=c", "known=yes")]


def test_an_endless_chain_has_an_end(page: tuple[str, Visits]) -> None:
    url, visits = page
    opened(f"{url}/endless")
    assert 0 < len(visits) <= 1500


def test_as_a_program_it_returns_before_the_page_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/page"
        text = "from wiretape.replay.conformance.driving.opener import main; main()"
        subprocess.run([sys.executable, "-c", text, url], check=True, timeout=10)
        taken.listen()
        taken.settimeout(10)
        visitor, _ = taken.accept()
        with visitor:
            assert visitor.recv(100).startswith(b"GET /page HTTP/1.1")
            visitor.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
