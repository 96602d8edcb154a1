"""What passed so far tells of the upstream's OAuth: what a URL is for, or that it is no server's.

Well-known paths are known from the start (RFC 8414, RFC 9728, OpenID Connect Discovery), and so are
those that clients go to without metadata (MCP 2025-03-26, Authorization, 2.3.3).
"""

import re
from urllib.parse import parse_qs

from wiretape.recorder.capture.reverse.visit import Visit, header, media_type

_MOST_NOTED = 1000
_METADATA_PATHS = (
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)
_REGISTRATION_PATH = "/register"
_BACK_CHANNEL_PATHS = (_REGISTRATION_PATH, "/token")
_METADATA = "metadata"


class Knowledge:
    """The roles of URLs, without their queries."""

    def __init__(self) -> None:
        self._roles: dict[str, str] = {}
        self._redirect_uris: set[str] = set()

    def note_metadata(self, url: str) -> None:
        """Note where metadata is."""
        self._note(url, _METADATA)

    def note_member(self, name: str, url: str) -> None:
        """Note what a member of an OAuth document says."""
        if name.endswith("_endpoint") or name == "registration_client_uri":
            self._note(url, name)

    def note_redirect_uri(self, parameters: str) -> None:
        """Note where an authorization request, a query or a form, wants the browser to return."""
        if "redirect_uri=" in parameters and len(self._redirect_uris) < _MOST_NOTED:
            for uri in parse_qs(parameters).get("redirect_uri", ()):
                self._redirect_uris.add(parted(uri)[0])

    def is_clients_own(self, url: str) -> bool:
        """Whether it is a redirect URI."""
        return parted(url)[0] in self._redirect_uris

    def is_metadata(self, visit: Visit) -> bool:
        """Whether it asks for metadata."""
        return (
            any(known in visit.path for known in _METADATA_PATHS) or self._role(visit) == _METADATA
        )

    def is_registration(self, visit: Visit) -> bool:
        """Whether it asks for a registration (RFC 7591, RFC 7592)."""
        role = self._role(visit)
        if role is None:
            return visit.method == "POST" and visit.path.endswith(_REGISTRATION_PATH)
        return role in ("registration_endpoint", "registration_client_uri")

    def is_back_channel(self, visit: Visit) -> bool:
        """Whether it is for an endpoint that clients of OAuth post to."""
        return self._role(visit) is not None or visit.path.endswith(_BACK_CHANNEL_PATHS)

    def follows_redirects(self, visit: Visit) -> bool:
        """Whether a client of MCP or OAuth, and no browser, will follow the response's redirect."""
        accept = header(visit.headers, b"accept").lower()
        if "text/html" in accept or self._role(visit) == "authorization_endpoint":
            return False
        return (
            "text/event-stream" in accept
            or header(visit.headers, b"mcp-protocol-version") != ""
            or media_type(visit.headers) == "application/json"
            or self.is_metadata(visit)
        )

    def _role(self, visit: Visit) -> str | None:
        return self._roles.get(visit.endpoint)

    def _note(self, url: str, role: str) -> None:
        if len(self._roles) < _MOST_NOTED:
            self._roles[parted(url)[0]] = role


def parted(url: str) -> tuple[str, str]:
    """Part a URL before its query or fragment."""
    end = re.search(r"[?#]|$", url)
    assert end
    return url[: end.start()], url[end.start() :]
