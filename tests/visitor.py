"""A client of a service in a play: it knocks, finds its way, and obtains tokens.

What it asks is the same whatever the service; the service of the play answers.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Raw

from made_up import MadeUp
from play import STREAM, Json, Play, initialize
from wiretape.recorder.log.urls import origin, path

type Refusal = Literal["no token", "bad token"]

PAGE = "https://app.example.com"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Service(Protocol):
    """What answers a visitor: each takes the number of the exchange to answer."""

    endpoint: str
    authorize_url: str
    token_url: str
    register_url: str

    def refuse(self, number: int, method: str, why: Refusal) -> None:
        """Answer 401."""
        ...

    def document(self, number: int, url: str) -> None:
        """Answer with a discovery document, or that there is none."""
        ...

    def register(self, number: int, visitor: "Visitor", asked: Json) -> None:
        """Give the visitor its client id."""
        ...

    def authorize(self, number: int, visitor: "Visitor") -> None:
        """Give the visitor a code, or none."""
        ...

    def tokens(self, number: int, visitor: "Visitor", asked: Mapping[str, str]) -> None:
        """Give the visitor tokens, or refuse."""
        ...

    def permit(self, number: int, url: str) -> None:
        """Answer a preflight."""
        ...


class Visitor:
    def __init__(
        self,
        play: Play,
        name: str,
        agent: str,
        on: str,
        *,
        redirect_uri: str,
        scope: str,
        accept: str = "application/json, text/event-stream",
    ) -> None:
        self.play, self.name, self.agent, self.on = play, name, agent, on
        self.redirect_uri, self.scope, self.accept = redirect_uri, scope, accept
        self.client_id = ""
        self.state = ""
        self.code: str | None = None
        self.access: str | None = None
        self.refresh_token: str | None = None
        self._made = MadeUp(agent)
        self._verifier = ""
        self._step: str | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Mark what it sends as a step of the probe."""
        self._step = f"probe {name}"
        self.play.mark(self._step, "begin")
        yield
        self.play.mark(self._step, "done")
        self._step = None

    def leave_out(self, name: str, why: str) -> None:
        """Mark a step of the probe that does not run."""
        self.play.mark(f"probe {name}", f"left out: {why}")

    def ask(
        self,
        label: str,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        on: str | None = None,
        **how: Any,
    ) -> int:
        """Send a request with the headers that it always sends, and a token if it has one."""
        if self._step is not None:
            self.play.mark(self._step, label)
        own = {"host": urlsplit(url).netloc, "user-agent": self.agent}
        if token is not None:
            own["authorization"] = f"Bearer {token}"
        own |= headers or {}
        return self.play.request(method, url, headers=own, on=on or self.on, **how)

    def post(self, label: str, url: str, message: Json, **how: Any) -> int:
        """Post JSON, spelt without white space."""
        headers = {"accept": self.accept} | JSON | how.pop("headers", {})
        compact = Raw(msgspec.json.encode(message))
        return self.ask(label, "POST", url, headers, json=compact, **how)

    def listen(self, label: str, url: str, **how: Any) -> int:
        """GET an event stream."""
        headers = {"accept": STREAM["content-type"]} | how.pop("headers", {})
        return self.ask(label, "GET", url, headers, **how)

    def hello(self, version: str = "2025-06-18") -> Json:
        return initialize(1, version, self.name)

    def knock(self, service: Service) -> None:
        """Try to get in without a token, with what cannot be one, and with a bad one."""
        bad = f"{self._made.hex(24)}:{self._made.alnum(16)}:{self._made.alnum(32)}"
        tries: tuple[tuple[str, str | None, Refusal], ...] = (
            ("without a token", None, "no token"),
            ("with a malformed token", "not, a token", "bad token"),
            ("with a bad token", bad, "bad token"),
        )
        for what, token, why in tries:
            number = self.post(f"POST {what}", service.endpoint, self.hello(), token=token)
            service.refuse(number, "POST", why)
            number = self.listen(f"GET {what}", service.endpoint, token=token)
            service.refuse(number, "GET", why)

    def discover(self, service: Service) -> None:
        """Look for every document, in the places where there may be one."""
        at, own = origin(service.endpoint), path(service.endpoint)
        resource, server = "oauth-protected-resource", "oauth-authorization-server"
        for label, place in (
            ("resource metadata, by the endpoint's path", resource + own),
            ("resource metadata, at the endpoint's root", resource),
            ("server metadata, OAuth, at the endpoint's root", server),
            ("server metadata, OAuth, by the endpoint's path", server + own),
            ("server metadata, OpenID, at the endpoint's root", "openid-configuration"),
        ):
            url = f"{at}/.well-known/{place}"
            service.document(self.ask(label, "GET", url, {"accept": "application/json"}), url)

    def register(self, service: Service) -> None:
        asked = {
            "client_name": self.name,
            "redirect_uris": [self.redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "scope": self.scope,
        }
        service.register(self.post("register", service.register_url, asked), self, asked)

    def authorize(self, service: Service) -> None:
        """Ask for a code with PKCE (RFC 7636), for the endpoint (RFC 8707)."""
        self._verifier, self.state = self._made.alnum(43), self._made.alnum(22)
        challenge = urlsafe_b64encode(sha256(self._verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            "resource": service.endpoint,
        }
        url = f"{service.authorize_url}?{urlencode(asked)}"
        service.authorize(self.ask("authorize", "GET", url, {"accept": "text/html"}), self)

    def exchange(self, service: Service) -> None:
        assert self.code is not None
        form = {
            "grant_type": "authorization_code",
            "code": self.code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "code_verifier": self._verifier,
        }
        self._obtain("exchange", service, form)

    def refresh(self, service: Service, token: str | None = None, label: str = "refresh") -> None:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token or self.refresh_token or "",
            "client_id": self.client_id,
        }
        self._obtain(label, service, form)

    def sign_in(self, service: Service) -> None:
        """Go the whole way, from the discovery to a token."""
        self.discover(service)
        self.register(service)
        self.authorize(service)
        self.exchange(service)

    def preflight(self, service: Service, name: str, method: str, url: str) -> None:
        """Ask for leave as a browser does for a page (Fetch, CORS protocol)."""
        headers = {
            "origin": PAGE,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,content-type,mcp-session-id",
        }
        service.permit(self.ask(f"preflight {method} {name}", "OPTIONS", url, headers), url)

    def preflights(self, service: Service) -> None:
        for method in ("POST", "GET"):
            self.preflight(service, "the endpoint", method, service.endpoint)
        metadata = f"{origin(service.endpoint)}/.well-known/oauth-authorization-server"
        self.preflight(service, "discovery document 1", "GET", metadata)
        self.preflight(service, "the token endpoint", "POST", service.token_url)
        self.preflight(service, "the registration endpoint", "POST", service.register_url)

    def _obtain(self, label: str, service: Service, form: Mapping[str, str]) -> None:
        headers = {"accept": "application/json"} | FORM
        number = self.ask(label, "POST", service.token_url, headers, form=form)
        service.tokens(number, self, form)
