"""What the probe is told before, and what its steps learn of the service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from wiretape.recorder.log.records import Header
from wiretape.recorder.log.urls import origin
from wiretape.recorder.probe.metadata import ServerMetadata
from wiretape.recorder.probe.results import Lifecycle

USER_AGENT = "wiretape-probe"

type Need = Literal["server", "client", "code", "tokens", "refresh token", "credentials", "session"]
"""What a step may need, or give to those after it."""

type Transport = Literal["streamable", "sse", "sessionless"]


@dataclass(frozen=True)
class Invocation:
    """A tool to call; `arguments` is the text of a JSON object."""

    tool: str
    arguments: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is probed and how.

    `headers` are sent to the origin of `url` and nowhere else. `max_wait` is in seconds.
    """

    url: str
    redirect_uri: str = ""
    headers: tuple[Header, ...] = field(default=(), repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    calls: tuple[Invocation, ...] = ()
    active: bool = False
    headless: bool = False
    max_wait: float = 0


@dataclass(frozen=True)
class Client:
    """A client of the authorization server; without `method` the server's metadata decides."""

    id: str
    secret: str | None = field(default=None, repr=False)
    method: str | None = None


@dataclass(frozen=True)
class Code:
    """An authorization code and what its exchange takes."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A token answer (RFC 6749, 5.1) and when it came. `lifetime` is in seconds."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    token_type: str | None
    lifetime: float | None
    scope: str | None
    at: datetime

    @property
    def end(self) -> datetime | None:
        """When the access token expires, as the server says."""
        return None if self.lifetime is None else self.at + timedelta(seconds=self.lifetime)


@dataclass
class Session:
    """An MCP session; `url` is where messages go, `stream` where HTTP+SSE answers them."""

    transport: Transport
    url: str
    id: str | None = field(default=None, repr=False)
    version: str | None = None
    stream: int | None = None
    last_id: int = 0
    last_event: str | None = None


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool as its server lists it; `bare`: it can be called without arguments."""

    name: str
    read_only: bool
    bare: bool


@dataclass
class Known:
    """What is known so far; steps add to it.

    `refused`: the service answered 401 to somebody without a token, and its `challenge` if any.
    """

    target: Target
    refused: bool = False
    challenge: str | None = None
    resource: str | None = None
    resource_scopes: tuple[str, ...] = ()
    server: ServerMetadata | None = None
    metadata_urls: tuple[str, ...] = ()
    client: Client | None = None
    code: Code | None = None
    tokens: Tokens | None = None
    transport: Transport = "streamable"
    session: Session | None = None
    tools: tuple[Tool, ...] = ()
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    def __post_init__(self) -> None:
        if self.target.client_id is not None:
            self.client = Client(self.target.client_id, self.target.client_secret)

    def has(self, need: Need) -> bool:
        """Tell whether that is known."""
        return {
            "server": self.server is not None,
            "client": self.client is not None,
            "code": self.code is not None,
            "tokens": self.tokens is not None,
            "refresh token": self.tokens is not None and self.tokens.refresh is not None,
            "credentials": (self.tokens is not None or self._own_authorization or not self.refused),
            "session": self.session is not None,
        }[need]

    def headers(
        self, url: str, *more: Header, token: str | None = None, authorised: bool = True
    ) -> tuple[Header, ...]:
        """Give the headers of a request to `url`.

        The user's own headers and the access token, or another `token`, go to the service only.
        """
        headers: list[Header] = [("user-agent", USER_AGENT)]
        if origin(url) == origin(self.target.url):
            own = self.target.headers
            token = token or (self.tokens.access if self.tokens else None)
            if token is not None or not authorised:
                own = tuple(pair for pair in own if pair[0].lower() != "authorization")
            headers += own
            if token is not None and authorised:
                headers.append(("authorization", f"Bearer {token}"))
        return (*headers, *more)

    @property
    def _own_authorization(self) -> bool:
        return any(name.lower() == "authorization" for name, _ in self.target.headers)
