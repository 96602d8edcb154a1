"""What the authorization server remembers."""

from dataclasses import dataclass, field

from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.tokens import MOST, Grant, Lineages
from wiretape.replay.recent import Recent

MOST_CLIENTS = 100_000
"""How many clients can be registered."""

_MOST_PENDING = 1000
"""How many pages are remembered that users have not answered, and documents of clients."""


@dataclass(frozen=True)
class Client:
    """A client that is known (RFC 7591); `secret` is None for a public one."""

    id: str
    redirect_uris: tuple[str, ...]
    auth_method: str
    secret: str | None = field(default=None, repr=False)
    name: str | None = None


@dataclass(frozen=True)
class Wish:
    """A good authorization request (RFC 6749, 4.1.1; RFC 7636, 4.3; RFC 8707, 2)."""

    client: Client
    back: str
    redirect_named: bool
    state: str | None
    scope: str | None
    resource: str | None
    challenge: str | None = field(repr=False)
    challenge_method: str
    hint: str | None


@dataclass
class Code:
    """An authorization code, and what its exchange must come with; `ends` in seconds since 1970."""

    grant: Grant
    wish: Wish
    ends: float
    used: bool = False


@dataclass(frozen=True)
class Pending:
    """A page that waits for its user's answer, from the browser that has this cookie."""

    wish: Wish
    cookie: str = field(repr=False)
    ends: float


@dataclass
class State:
    """Clients, codes and tokens of one service; `documents` are clients known by their URLs.

    The `enrolled` are known from the beginning, and not forgotten.
    """

    lineages: Lineages
    enrolled: tuple[Client, ...] = ()
    clients: dict[str, Client] = field(default_factory=dict)
    documents: Recent[Client] = field(default_factory=lambda: Recent(_MOST_PENDING))
    codes: Recent[Code] = field(default_factory=lambda: Recent(MOST), repr=False)
    pending: Recent[Pending] = field(default_factory=lambda: Recent(_MOST_PENDING), repr=False)
    grants: int = 0
    most_clients: int = MOST_CLIENTS

    def __post_init__(self) -> None:
        self._enrol()

    def client(self, id_: str) -> Client | None:
        """Give the client of that id."""
        return self.clients.get(id_) or self.documents.get(id_)

    def register(self, client: Client) -> None:
        """Take in a new client. Raises OAuthError if there are too many."""
        if len(self.clients) >= self.most_clients:
            raise OAuthError(
                "temporarily_unavailable",
                f"{self.most_clients} clients are registered: no more are taken until a reset",
            )
        self.clients[client.id] = client

    def owner(self, refresh: str | None, code: str | None) -> Grant | None:
        """Give the grant of a refresh token or of a code, whatever these are still worth."""
        used = self.codes.get(code) if code is not None else None
        if used is not None:
            return used.grant
        return self.lineages.owner(refresh) if refresh is not None else None

    def forget(self) -> None:
        """Forget everything that came about."""
        for each in (self.clients, self.documents, self.codes, self.pending):
            each.clear()
        self.lineages.forget()
        self._enrol()

    def _enrol(self) -> None:
        self.clients.update((each.id, each) for each in self.enrolled)
