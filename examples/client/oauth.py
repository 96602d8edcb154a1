"""From a refusal to a token, and from an old token to a new one.

Metadata of the resource (RFC 9728), of its authorization server (RFC 8414), registration (RFC
7591), a code with PKCE (RFC 7636) for this resource (RFC 8707).
"""

import base64
import hashlib
import re
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from client import FailedError
from client.callback import Callback

_NAMED = re.compile(r'Bearer\b[^\0]*?\bresource_metadata="([^"]*)"')


class OAuth:
    """The tokens for one MCP server; `token` is None until there is one."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self.http = http
        self.callback = Callback()
        self.server: dict[str, Any] = {}
        self.client_id = ""
        self.tokens: dict[str, Any] = {}
        self.over = 0.0
        self.verifier = ""
        self.state = ""

    @property
    def token(self) -> str | None:
        """The access token, refreshed if it is over."""
        if "refresh_token" in self.tokens and time.monotonic() >= self.over:
            self.refresh()
        return self.tokens.get("access_token")

    def renew(self, refused: httpx.Response) -> None:
        """Obtain a token in the place of one that was refused: from the user if need be."""
        if not self.refresh():
            self.log_in(refused)

    def refresh(self) -> bool:
        """Exchange the refresh token; tells whether that gave a new token."""
        if "refresh_token" not in self.tokens:
            return False
        answer = self.ask({"grant_type": "refresh_token", **self.pick("refresh_token")})
        if answer.is_success:
            self.keep(answer.json())
        else:
            self.tokens = {}
        return answer.is_success

    def log_in(self, refused: httpx.Response) -> None:
        """Do all of OAuth, with a registration that is there already if there is one."""
        if not self.server:
            self.server = self.discover(refused)
        if not self.client_id:
            self.client_id = self.register()
        code = self.authorize()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self.verifier,
            "redirect_uri": self.callback.url,
        }
        answer = self.ask(form)
        if not answer.is_success:
            raise FailedError(f"the token endpoint answered {answer.status_code}")
        self.keep(answer.json())

    def discover(self, refused: httpx.Response) -> dict[str, Any]:
        """Find the metadata of the authorization server."""
        parts = urlsplit(self.url)
        site = f"{parts.scheme}://{parts.netloc}"
        well_known = f"{site}/.well-known/oauth-protected-resource"
        named = _NAMED.search(refused.headers.get("www-authenticate", ""))
        places = [named[1]] if named else [well_known + parts.path, well_known]
        issuer = site
        for place in places:
            found = self.document(place)
            if found is not None:
                self.check_resource(found)
                issuer = found["authorization_servers"][0]
                break
        at = urlsplit(issuer)
        path = f"/.well-known/oauth-authorization-server{at.path.rstrip('/')}"
        server = self.document(f"{at.scheme}://{at.netloc}{path}")
        if server is None:
            raise FailedError(f"{issuer} has no metadata")
        self.check_issuer(server, issuer)
        self.check_pkce(server)
        return server

    def check_resource(self, found: dict[str, Any]) -> None:
        """See to it that metadata is of this resource (RFC 9728, 3.3)."""
        if found.get("resource", "").rstrip("/") not in {self.url, self.url.rstrip("/")}:
            raise FailedError("the metadata is of another resource")

    def check_issuer(self, server: dict[str, Any], issuer: str) -> None:
        """See to it that metadata is of this issuer (RFC 8414, 3.3)."""
        if server.get("issuer", "").rstrip("/") != issuer.rstrip("/"):
            raise FailedError("the metadata is of another issuer")

    def check_pkce(self, server: dict[str, Any]) -> None:
        """See to it that codes can be protected."""
        if "S256" not in server.get("code_challenge_methods_supported", ()):
            raise FailedError("the authorization server knows no PKCE by S256")

    def document(self, url: str) -> dict[str, Any] | None:
        """Read a well-known document."""
        answer = self.http.get(url)
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    def register(self) -> str:
        """Register; gives the client id."""
        asked = {
            "client_name": "example client",
            "redirect_uris": [self.callback.url],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }
        answer = self.http.post(self.server["registration_endpoint"], json=asked)
        if not answer.is_success:
            raise FailedError(f"registration was answered {answer.status_code}")
        return str(answer.json()["client_id"])

    def protect(self) -> None:
        """Make what protects the next authorization."""
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)

    def question(self) -> dict[str, str]:
        """Give the parameters of an authorization request."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback.url,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            "resource": self.url,
        }

    def authorize(self) -> str:
        """Have the user authorize this client; gives the code."""
        self.protect()
        at = f"{self.server['authorization_endpoint']}?{urlencode(self.question())}"
        told = self.callback.visited(at)
        if "error" in told or "code" not in told:
            raise FailedError(f"no authorization: {told.get('error', 'nobody came back')}")
        self.check_state(told)
        return told["code"]

    def check_state(self, told: dict[str, str]) -> None:
        """See to it that the callback belongs to the request."""
        if told.get("state") != self.state:
            raise FailedError("the callback is not of this login")

    def ask(self, form: dict[str, str]) -> httpx.Response:
        """Ask the token endpoint."""
        said = {"client_id": self.client_id, "resource": self.url, **form}
        return self.http.post(self.server["token_endpoint"], data=said)

    def pick(self, name: str) -> dict[str, str]:
        """Give one of what came with the tokens."""
        return {name: self.tokens[name]}

    def keep(self, told: dict[str, Any]) -> None:
        """Keep tokens; without a new refresh token the old one is still good."""
        self.tokens = {**self.tokens, **told}
        self.over = time.monotonic() + float(told.get("expires_in", 3600))
