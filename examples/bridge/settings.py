"""What whoever runs the bridge can choose."""

from dataclasses import dataclass
from pathlib import Path

SCOPE = "read:jira-work write:jira-work offline_access"


@dataclass(frozen=True)
class Settings:
    """Where the service behind is, and how the bridge behaves; times in seconds.

    `token_seconds` makes access tokens shorter than they need be. `hosts` are the `Host` headers
    that are served. `origins` are those whose pages may call; `*` is any, which is safe because
    nothing here is authorized by a cookie. `proxies` are addresses whose `X-Forwarded-…` count.
    """

    upstream: str
    store: Path
    hosts: frozenset[str]
    scope: str = SCOPE
    signed_jwt: bool = False
    token_seconds: int | None = None
    timeout: float = 60
    origins: frozenset[str] = frozenset({"*"})
    proxies: frozenset[str] = frozenset()

    @property
    def scopes(self) -> list[str]:
        """Give the scopes that clients may ask for; without `offline_access` nothing refreshes."""
        return list(dict.fromkeys([*self.scope.split(), "offline_access"]))
