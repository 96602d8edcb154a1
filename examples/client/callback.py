"""The page to which the browser comes back, on a free port of loopback."""

import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

_PATIENCE = 60


class _Server(HTTPServer):
    told: dict[str, str] | None = None


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Keep what comes with the callback."""
        self.server.told = dict(parse_qsl(urlsplit(self.path).query))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this page.")

    def log_message(self, *_: object) -> None:
        """Say nothing: URLs have codes in them."""


class Callback:
    """A page that is served from now on."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Page)
        self._server.timeout = _PATIENCE
        self.url = f"http://127.0.0.1:{self._server.server_port}/callback"

    def visited(self, url: str) -> dict[str, str]:
        """Send the user somewhere, and give what they come back with; nothing if they do not."""
        self._server.told = None
        webbrowser.open(url)
        self._server.handle_request()
        return self._server.told or {}
