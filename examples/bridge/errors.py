"""What can go wrong behind the bridge. Texts are for users: no tokens, no queries of URLs."""


class UpstreamError(Exception):
    """The service behind did not do what was asked; `status` is what the client is answered."""

    def __init__(self, said: str, status: int = 502, retry_after: str | None = None) -> None:
        super().__init__(said)
        self.status = status
        told = retry_after or ""
        self.retry_after = told if told.isascii() and told.isprintable() and told else None

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers that tell a client when to try again."""
        return {} if self.retry_after is None else {"retry-after": self.retry_after}


class RefusedError(Exception):
    """The authorization server behind refused a grant, by an error of RFC 6749, 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class GrantOverError(Exception):
    """A grant does not work any more: the user has to authorize again."""


class SessionOverError(Exception):
    """A session does not work any more: the client has to begin another."""
