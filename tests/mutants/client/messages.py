"""Messages, their headers, and the session."""

from typing import Any

import httpx
from client.session import Session

from mutants.mistake import mistake, replace


@mistake(fails="headers.accept")
def notifications_accept_json_only() -> None:
    """Notifications do not accept event streams at first."""
    sent = Session.sent

    def careless(
        self: Session, method: str, url: str, message: dict[str, Any] | None
    ) -> httpx.Response:
        if message is not None and "id" not in message:
            headers = self.headers(method) | {"accept": "application/json"}
            self.http.post(url, headers=headers, json=message)
        return sent(self, method, url, message)

    replace(Session, "sent", careless)


@mistake(fails="headers.once", production="header-twice")
def accept_comes_twice() -> None:
    """Accept is sent twice, in two spellings."""

    def careless(
        self: Session, method: str, url: str, message: dict[str, Any] | None
    ) -> httpx.Response:
        headers = list(self.headers(method).items())
        headers.append(("Accept", dict(headers)["accept"]))
        return _sent(self, self.http.build_request(method, url, headers=headers, json=message))

    replace(Session, "sent", careless)


def _sent(self: Session, request: httpx.Request) -> httpx.Response:
    answer = self.http.send(request, stream=True)
    self.opened.callback(answer.close)
    return answer


@mistake(fails="token.in-header")
def the_end_has_no_token() -> None:
    """The session is ended without a token."""
    _ended_without("authorization")


@mistake(fails="session.id")
def the_end_has_no_session() -> None:
    """The session is ended without its id."""
    _ended_without("mcp-session-id")


def _ended_without(header: str) -> None:
    def careless(self: Session) -> None:
        headers = self.headers("DELETE")
        headers.pop(header, None)
        self.http.delete(self.url, headers=headers)

    replace(Session, "end", careless)


@mistake(fails="token.not-in-url")
def the_token_is_in_the_url() -> None:
    """The session is ended with the token in the URL, too."""

    def careless(self: Session) -> None:
        told = {"access_token": self.oauth.token or ""}
        self.http.delete(self.url, params=told, headers=self.headers("DELETE"))

    replace(Session, "end", careless)


@mistake(fails="session.version")
def the_revision_is_not_said() -> None:
    """Requests do not say the revision that was agreed on."""
    headers = Session.headers

    def careless(self: Session, method: str) -> dict[str, str]:
        told = headers(self, method)
        told.pop("mcp-protocol-version", None)
        return told

    replace(Session, "headers", careless)


@mistake(fails="session.initialized")
def initialized_is_not_said() -> None:
    """It goes on without notifications/initialized."""
    say = Session.say

    def careless(self: Session, message: dict[str, Any]) -> Any:
        return say(self, message) if "id" in message else iter(())

    replace(Session, "say", careless)


@mistake(fails="session.ended")
def the_session_is_left() -> None:
    """It goes without ending the session."""
    replace(Session, "end", lambda _: None)


@mistake(fails="session.renewed")
def a_lost_session_is_the_end() -> None:
    """It does not begin a new session where the old one is gone."""

    def careless(self: Session, method: str, **params: Any) -> dict[str, Any]:
        return self.once(method, params)

    replace(Session, "call", careless)
