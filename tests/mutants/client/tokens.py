"""Tokens that are over, or refused, and a token endpoint that does not give any."""

from typing import Any

import httpx
from client import FailedError
from client.callback import Callback
from client.oauth import OAuth
from client.session import Session

from mutants.mistake import mistake, replace

_MANY = 10


@mistake(fails="token.form", also=("rate-limit.waits",))
def codes_are_exchanged_in_json() -> None:
    """It sends JSON to the token endpoint first, when it exchanges a code."""
    ask = OAuth.ask

    def careless(self: OAuth, form: dict[str, str]) -> httpx.Response:
        if form["grant_type"] == "authorization_code":
            wrong = {"client_id": self.client_id, "resource": self.url, **form, "code": "none"}
            self.http.post(self.server["token_endpoint"], json=wrong)
        return ask(self, form)

    replace(OAuth, "ask", careless)


@mistake(
    fails="refresh.used",
    also=(
        "refresh.new-token",
        "refresh.resource",
        "refresh.rotated",
        "refused.*",
        "invalid-grant.*",
    ),
)
def nothing_is_refreshed() -> None:
    """It asks the user again whenever a token is over."""
    replace(OAuth, "refresh", lambda _: False)


@mistake(
    fails="refresh.new-token",
    also=("refresh.rotated", "refresh.used", "refused.*", "invalid-grant.*"),
)
def the_old_token_stays() -> None:
    """It goes on with the old access token after a refresh."""
    keep = OAuth.keep

    def careless(self: OAuth, told: dict[str, Any]) -> None:
        old = {name: self.tokens[name] for name in ("access_token",) if name in self.tokens}
        keep(self, {**told, **old})

    replace(OAuth, "keep", careless)


@mistake(fails="refresh.rotated", also=("refresh.used",))
def the_old_refresh_token_stays() -> None:
    """It does not store a refresh token that was rotated."""
    keep = OAuth.keep

    def careless(self: OAuth, told: dict[str, Any]) -> None:
        old = {name: self.tokens[name] for name in ("refresh_token",) if name in self.tokens}
        keep(self, {**told, **old})

    replace(OAuth, "keep", careless)


@mistake(fails="refused.recovers", also=("refused.refreshes",))
def a_refused_token_is_the_end() -> None:
    """It gives up when its token is refused."""
    renew = OAuth.renew

    def careless(self: OAuth, refused: httpx.Response) -> None:
        if self.tokens:
            raise FailedError("the token was refused")
        renew(self, refused)

    replace(OAuth, "renew", careless)


@mistake(fails="refused.refreshes")
def a_refused_token_costs_a_login() -> None:
    """It asks the user again when its token is refused."""
    replace(OAuth, "renew", OAuth.log_in)


@mistake(fails="invalid-grant.bounded")
def a_refused_refresh_is_repeated() -> None:
    """It refreshes with the same token again and again."""
    refresh = OAuth.refresh

    def careless(self: OAuth) -> bool:
        kept = self.tokens
        for _ in range(_MANY):
            self.tokens = kept
            if not kept or refresh(self):
                break
        return bool(self.tokens)

    replace(OAuth, "refresh", careless)


@mistake(fails="invalid-grant.authorizes", also=("pkce.fresh", "state.fresh"))
def a_refused_refresh_is_the_end() -> None:
    """It gives up when a refresh is refused."""
    refresh = OAuth.refresh

    def careless(self: OAuth) -> bool:
        had = bool(self.tokens)
        if not refresh(self) and had:
            raise FailedError("the refresh was refused")
        return had

    replace(OAuth, "refresh", careless)


@mistake(fails="rejected.bounded")
def it_never_gives_up() -> None:
    """It obtains a new token again and again when each is refused."""

    def careless(
        self: Session, method: str, url: str, message: dict[str, Any] | None = None
    ) -> httpx.Response:
        answer = self.sent(method, url, message)
        for _ in range(_MANY):
            if answer.status_code != 401:
                break
            self.oauth.renew(answer)
            answer = self.sent(method, url, message)
        if answer.is_redirect:
            raise FailedError("redirects are not followed")
        return answer

    replace(Session, "ask", careless)


@mistake(fails="rejected.told", also=("denied.ends",))
def failures_are_not_told() -> None:
    """It ends with 0 when it could not log in."""
    walk = Session.walk

    def careless(self: Session) -> list[str]:
        try:
            return walk(self)
        except FailedError:
            return []

    replace(Session, "walk", careless)


@mistake(fails="rate-limit.waits")
def retry_after_is_not_read() -> None:
    """It asks a busy token endpoint again at once."""
    _repeated(1)


@mistake(fails="rate-limit.bounded", also=("rate-limit.waits",))
def a_busy_endpoint_is_stormed() -> None:
    """It asks a busy token endpoint again and again."""
    _repeated(_MANY)


def _repeated(times: int) -> None:
    ask = OAuth.ask

    def careless(self: OAuth, form: dict[str, str]) -> httpx.Response:
        answer = ask(self, form)
        for _ in range(times):
            if answer.status_code != 429:
                break
            answer = ask(self, form)
        return answer

    replace(OAuth, "ask", careless)


@mistake(fails="denied.ends")
def a_denial_is_not_understood() -> None:
    """It waits for a code although the user has denied."""
    visited = Callback.visited

    def careless(self: Callback, url: str) -> dict[str, str]:
        told = visited(self, url)
        while "code" not in told:
            self._server.handle_request()
            told = self._server.told or {}
        return told

    replace(Callback, "visited", careless)
