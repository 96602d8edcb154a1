"""From a refusal to a token."""

import os
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from client import FailedError
from client.oauth import OAuth
from client.session import Session

from mutants.mistake import mistake, replace

_NEEDING_SUCCESS = ("rooted.works", "sse.fallback", "tolerance.*")


@mistake(fails="login.works", also=_NEEDING_SUCCESS)
def success_is_a_failure() -> None:
    """It ends with an error although all went well."""
    walk = Session.walk

    def careless(self: Session) -> list[str]:
        walk(self)
        raise FailedError("done")

    replace(Session, "walk", careless)


@mistake(fails="login.discovery", also=("resource.mismatch",))
def the_authorization_server_is_configured() -> None:
    """It knows its authorization server, and does not look at what the challenge names."""
    discover = OAuth.discover

    def careless(self: OAuth, refused: httpx.Response) -> dict[str, Any]:
        if "resource_metadata" not in refused.headers["www-authenticate"]:
            return discover(self, refused)
        issuer = os.environ["WIRETAPE_ISSUER"]
        at = urlsplit(issuer)
        well_known = f"{at.scheme}://{at.netloc}/.well-known/oauth-authorization-server{at.path}"
        server = self.document(well_known)
        assert server is not None
        self.check_issuer(server, issuer)
        self.check_pkce(server)
        return server

    replace(OAuth, "discover", careless)


@mistake(fails="login.endpoints")
def registration_is_guessed() -> None:
    """It registers at /register first, whatever the metadata says."""
    register = OAuth.register

    def careless(self: OAuth) -> str:
        at = urlsplit(self.server["token_endpoint"])
        asked = {"redirect_uris": [self.callback.url]}
        self.http.post(f"{at.scheme}://{at.netloc}/register", json=asked)
        return register(self)

    replace(OAuth, "register", careless)


@mistake(fails="login.client-id")
def another_client_id_is_used() -> None:
    """It asks for authorization with a client id of its own first."""
    authorize = OAuth.authorize

    def careless(self: OAuth) -> str:
        given, self.client_id = self.client_id, "somebody-else"
        self.protect()
        self.http.get(f"{self.server['authorization_endpoint']}?{urlencode(self.question())}")
        self.client_id = given
        return authorize(self)

    replace(OAuth, "authorize", careless)


@mistake(fails="login.redirect-uri", also=("pkce.verifier", "rate-limit.waits"))
def another_redirect_uri_is_exchanged() -> None:
    """It exchanges a code with another redirect URI first."""
    log_in = OAuth.log_in

    def careless(self: OAuth, refused: httpx.Response) -> None:
        _log_in_with(self, refused, redirect_uri="http://127.0.0.1:9/elsewhere")
        log_in(self, refused)

    replace(OAuth, "log_in", careless)


@mistake(fails="pkce.verifier", also=("rate-limit.waits",))
def another_verifier_is_sent() -> None:
    """It exchanges a code with a verifier that is not the challenge's first."""
    log_in = OAuth.log_in

    def careless(self: OAuth, refused: httpx.Response) -> None:
        _log_in_with(self, refused, code_verifier="x" * 43)
        log_in(self, refused)

    replace(OAuth, "log_in", careless)


def _log_in_with(self: OAuth, refused: httpx.Response, **wrong: str) -> None:
    self.server = self.server or self.discover(refused)
    self.client_id = self.client_id or self.register()
    form = {
        "grant_type": "authorization_code",
        "code": self.authorize(),
        "code_verifier": self.verifier,
        "redirect_uri": self.callback.url,
    }
    self.ask(form | wrong)


@mistake(fails="rooted.metadata")
def endpoints_are_configured() -> None:
    """Where the resource has no metadata, it reads none of the authorization server either."""
    discover = OAuth.discover

    def careless(self: OAuth, refused: httpx.Response) -> dict[str, Any]:
        if "resource_metadata" in refused.headers["www-authenticate"]:
            return discover(self, refused)
        roles = ("authorization", "token", "registration")
        return {f"{role}_endpoint": os.environ[f"WIRETAPE_{role.upper()}_URL"] for role in roles}

    replace(OAuth, "discover", careless)


@mistake(fails="rooted.works", also=("rooted.metadata", "sse.*"))
def metadata_of_the_resource_is_needed() -> None:
    """It does not log in where the resource has no metadata."""
    discover = OAuth.discover

    def careless(self: OAuth, refused: httpx.Response) -> dict[str, Any]:
        if "resource_metadata" not in refused.headers["www-authenticate"]:
            raise FailedError("there is no metadata of the resource")
        return discover(self, refused)

    replace(OAuth, "discover", careless)


@mistake(fails="tolerance.challenges")
def the_first_challenge_counts() -> None:
    """It does not look for Bearer behind another challenge."""
    discover = OAuth.discover

    def careless(self: OAuth, refused: httpx.Response) -> dict[str, Any]:
        if not refused.headers["www-authenticate"].startswith("Bearer"):
            raise FailedError("the server wants something else than Bearer")
        return discover(self, refused)

    replace(OAuth, "discover", careless)
