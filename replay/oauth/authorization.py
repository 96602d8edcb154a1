"""The authorization endpoint (RFC 6749, 4.1.1; RFC 7636; RFC 8707; RFC 9207).

Its user consents at once, or is asked on a page. Who does not name a known client and one of its
redirect URIs, exactly, is not sent anywhere (RFC 6749, 4.1.2.1).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.values import Answer
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.oauth import browsers, consent, scopes
from wiretape.replay.oauth.documents import metadata
from wiretape.replay.oauth.errors import OAuthError
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.metadata import client_at
from wiretape.replay.oauth.parameters import of_body, of_query
from wiretape.replay.oauth.state import Client, Code, Pending, State, Wish

CODE_LIFETIME = 600
"""In seconds: the most that RFC 6749, 4.1.2 recommends."""

_AMBIGUOUS = "invalid_request"
"""What is answered without a redirect if the client is not known, and else may not be."""

_SEE_OTHER = 303
"""What leads a browser from a form to the client without the form (RFC 9700, 4.12)."""


@dataclass(frozen=True)
class Authorizing:
    """What the endpoint answers by. `asks`: whether users are asked; else the first consents."""

    profile: Profile
    state: State
    forge: Forge
    users: tuple[str, ...]
    asks: bool

    def answer(self, ask: Ask, now: float) -> Reply:
        """Answer a request, or the form of a page."""
        if ask.method == "GET":
            return self._requested(ask, now)
        if ask.method == "POST" and self.asks:
            return self._decided(ask, now)
        return Reply(405, (("allow", "GET, POST" if self.asks else "GET"),))

    def _requested(self, ask: Ask, now: float) -> Reply:
        """Answer with a code, a page for the user, or an error."""
        try:
            given = of_query(ask)
            client, back = self._sent_back(given, ask)
            known = self._logged_in(ask)
        except OAuthError as error:
            return self._told_here(error)
        try:
            wish = self._wish(given, client, back)
        except OAuthError as error:
            return self._refused(back, given.get("state"), error)
        user = self._user(wish.hint if known is None else known)
        if not self.asks:
            return self._granted(wish, user, now, self.profile.authorization.status)
        ticket, cookie = self.forge.secret(), self.forge.secret()
        self.state.pending[ticket] = Pending(wish, cookie, now + CODE_LIFETIME)
        users = sorted(self.users, key=lambda each: each != user)
        return consent.page(wish, users, self.profile.name, ticket, cookie)

    def _decided(self, ask: Ask, now: float) -> Reply:
        """Answer the page's form: the user allows it, or denies it (RFC 6749, 4.1.2.1)."""
        try:
            answer = consent.answer(of_body(ask), ask, self.state.pending, now)
        except OAuthError as error:
            return self._told_here(error)
        if not answer.allowed:
            denied = OAuthError("access_denied", "The user denied it")
            return self._refused(answer.wish.back, answer.wish.state, denied, _SEE_OTHER)
        return self._granted(answer.wish, self._user(answer.user), now, _SEE_OTHER)

    def _sent_back(self, given: dict[str, str], ask: Ask) -> tuple[Client, str]:
        """Give the client that is named, and the redirect URI."""
        client = client_at(given.get("client_id", ""), ask.document, self.state)
        named = "redirect_uri" in given
        if not named and len(client.redirect_uris) != 1:
            raise OAuthError("invalid_request", "redirect_uri is missing")
        back = given.get("redirect_uri", client.redirect_uris[0])
        if back not in client.redirect_uris:
            raise OAuthError("invalid_request", "redirect_uri is not one that was registered")
        return client, back

    def _wish(self, given: dict[str, str], client: Client, back: str) -> Wish:
        challenge, method = _challenge(given, self.profile)
        return Wish(
            client,
            back,
            "redirect_uri" in given,
            given.get("state"),
            scopes.granted(given.get("scope"), self.profile),
            self.forge.resources.wanted(given.get("resource")),
            challenge,
            method,
            given.get("login_hint"),
        )

    def _logged_in(self, ask: Ask) -> str | None:
        """Give the user whom the browser says it is of. Raises OAuthError for one who is none."""
        named = browsers.user(ask)
        if named is not None and named not in self.users:
            why = f"The cookie {browsers.USER} names none of: {', '.join(self.users)}"
            raise OAuthError("invalid_request", why)
        return named

    def _user(self, named: str | None) -> str:
        return named if named in self.users else self.users[0]

    def _granted(self, wish: Wish, user: str, now: float, status: int | None) -> Reply:
        self._sweep(now)
        self.state.grants += 1
        grant = self.forge.grant(
            self.state.grants, wish.client.id, wish.scope, wish.resource, subject=user
        )
        ends = now + CODE_LIFETIME
        code = self.forge.code(grant, now, ends)
        self.state.codes[code] = Code(grant, wish, ends)
        return self._redirect(wish.back, {"code": code}, wish.state, status)

    def _refused(
        self, back: str, state: str | None, error: OAuthError, status: int | None = None
    ) -> Reply:
        if error.error != _AMBIGUOUS and error.error in self._known_here():
            return self._told_here(error)
        told = {"error": error.error, "error_description": error.description}
        return self._redirect(back, told, state, status or self.profile.authorization.status)

    def _told_here(self, error: OAuthError) -> Reply:
        """Answer with an error that no client is told."""
        return error.reply(self._known_here())

    def _known_here(self) -> dict[str, Answer]:
        """Give the errors that the profile knows to be answered without a redirect."""
        known = self.profile.authorization.error
        return {name: answer for name, answer in known.items() if answer.status >= 400}

    def _redirect(
        self, back: str, told: dict[str, str], state: str | None, status: int | None
    ) -> Reply:
        """Add parameters to a redirect URI, which may have some already."""
        if state is not None:
            told |= {"state": state}
        if self.forge.issuer is not None and self._tells_issuer():
            told |= {"iss": self.forge.issuer}
        joint = "&" if urlsplit(back).query else "?"
        return Reply(status or 302, (("location", f"{back}{joint}{urlencode(told)}"),))

    def _tells_issuer(self) -> bool:
        """Tell whether answers name the issuer, errors too (RFC 9207, 2 and 3)."""
        said = metadata(self.profile).get("authorization_response_iss_parameter_supported")
        return said is True or "iss" in (self.profile.authorization.answer or ())

    def _sweep(self, now: float) -> None:
        """Forget codes whose time has been over for as long again: the oldest end first."""
        codes = self.state.codes
        while codes and next(iter(codes.values())).ends + CODE_LIFETIME <= now:
            codes.popitem(last=False)


def _challenge(given: dict[str, str], profile: Profile) -> tuple[str | None, str]:
    """Give the code challenge and its method. Raises OAuthError for what is not supported."""
    if given.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    challenge = given.get("code_challenge")
    method = given.get("code_challenge_method", "plain")  # RFC 7636, 4.3
    if challenge is None:
        if profile.authorization.pkce == "none":
            return None, method
        raise OAuthError("invalid_request", "code_challenge is missing")
    if method not in _methods(profile):
        raise OAuthError("invalid_request", f"code_challenge_method {method} is not supported")
    return challenge, method


def _methods(profile: Profile) -> list[Any]:
    found = metadata(profile).get("code_challenge_methods_supported")
    return found if isinstance(found, list) else ["S256"]
