"""What can go wrong. Texts are for users: no tokens, codes or secrets, no queries of URLs."""

LATER = {429, 503}
"""Statuses of a service that is to be asked again, but later (RFC 6585, 4; RFC 9110, 15.6.4)."""


class ServiceError(Exception):
    """A service, or its authorization server, did not do what was asked.

    `kind` is one word for programs, `status` what the gateway answers with. `retry_after` is when
    the service wants to be asked again, as it told (RFC 9110, 10.2.3).
    """

    def __init__(
        self, kind: str, detail: str, status: int = 502, retry_after: str | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status
        told = retry_after or ""
        self.retry_after = told if told.isascii() and told.isprintable() and told else None


class TokenError(ServiceError):
    """The authorization server refused to issue tokens; `error` says why (RFC 6749, 5.2)."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__("refused", f"the token endpoint answered {status}: {error}")
        self.error = error


class ReconnectError(Exception):
    """There is no connection, or it does not work any more: the user has to make it anew."""


class CallbackError(Exception):
    """Nobody asked for what came back from the authorization server, or the user declined.

    `kind` is one word for programs.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


class SettingsError(Exception):
    """A configuration that does not do; its text is one line."""


def said(error: Exception) -> str:
    """Give what an error says, or at least what it is."""
    return str(error) or type(error).__name__
