"""What checks ask of the turns that are OAuth, of either side."""

from collections.abc import Iterable

from wiretape.recorder.log import oauth
from wiretape.recorder.log.urls import query
from wiretape.replay.conformance.evidence import Turn, oauth_turns


def requests(turns: Iterable[Turn], grant_type: str | None = None) -> list[Turn]:
    """Give the token requests, all or those of one grant type."""
    asked = oauth_turns(turns, "token")
    return [turn for turn in asked if grant_type in {None, kind(turn)}]


def exchanges(turns: Iterable[Turn]) -> list[Turn]:
    """Give the requests that exchange a code."""
    return requests(turns, "authorization_code")


def refreshes(turns: Iterable[Turn]) -> list[Turn]:
    """Give the requests that refresh."""
    return requests(turns, "refresh_token")


def issued(turns: Iterable[Turn]) -> list[Turn]:
    """Give the token requests that were answered with tokens."""
    return [turn for turn in requests(turns) if turn.status == 200 and token(turn) is not None]


def kind(turn: Turn) -> str | None:
    """Give the grant type of a token request."""
    return turn.parameters.get("grant_type")


def client_id(turn: Turn) -> str | None:
    """Give the client that asks, in an authorization or a token request."""
    if turn.oauth == "authorization":
        return turn.query.get("client_id")
    return oauth.client_id(turn.exchange)


def authenticated(turn: Turn) -> bool:
    """Tell whether a client proves who it is in a token request (RFC 6749, 2.3; RFC 7521, 4.2)."""
    proofs = ("client_secret", "client_assertion")
    return "authorization" in turn.sent or any(turn.parameters.get(name) for name in proofs)


def token(turn: Turn, name: str = "access_token") -> str | None:
    """Give a token that was issued."""
    return turn.member(name) or None


def error(turn: Turn) -> str:
    """Give the error code of an answer, or say that there is none (RFC 6749, 5.2)."""
    return turn.member("error") or "no error code"


def told(turn: Turn) -> str:
    """Say how a request was answered."""
    if turn.status is None:
        return "not answered"
    good = turn.status < 400
    return f"answered {turn.status}" if good else f"answered {turn.status}, {error(turn)}"


def led_on(turns: Iterable[Turn]) -> list[Turn]:
    """Give the authorization requests after which a browser goes on: elsewhere, or on a page."""
    asked = oauth_turns(turns, "authorization")
    return [turn for turn in asked if _leads_on(turn)]


def _leads_on(turn: Turn) -> bool:
    failed = turn.status is None or turn.status >= 400
    return not failed and "error" not in query(turn.location or "")
