"""What the authorization server remembers."""

from dataclasses import dataclass, field

from wiretape.replay.tokens import Grant, Lineages


@dataclass(frozen=True)
class Client:
    """A registered client (RFC 7591); `secret` is None for a public one."""

    id: str
    redirect_uris: tuple[str, ...]
    auth_method: str
    secret: str | None = field(default=None, repr=False)


@dataclass
class Code:
    """An authorization code, and what its exchange must come with; `ends` in seconds since 1970."""

    grant: Grant
    redirect_uri: str
    redirect_named: bool
    challenge: str | None = field(repr=False)
    challenge_method: str
    ends: float
    used: bool = False


@dataclass
class State:
    """Clients, codes and tokens of one service."""

    lineages: Lineages
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    grants: int = 0

    def owner(self, refresh: str | None, code: str | None) -> Grant | None:
        """Give the grant of a refresh token or of a code, whatever these are still worth."""
        if code is not None and code in self.codes:
            return self.codes[code].grant
        return self.lineages.owner(refresh) if refresh is not None else None

    def forget(self) -> None:
        """Forget everything."""
        self.clients.clear()
        self.codes.clear()
        self.lineages.forget()
