"""How users are sent to the authorization server, and how codes are exchanged."""

import json
from itertools import count
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2

from gateway import connections
from gateway.upstream_oauth import UpstreamOAuth
from mutants.gateway import LATER
from mutants.mistake import mistake, replace


def _authorizing(**other: str | None) -> None:
    """Send users upstream with other parameters; None leaves one out."""
    authorize_url = UpstreamOAuth.authorize_url

    def careless(self: UpstreamOAuth, *about: Any) -> str:
        url, _, query = authorize_url(self, *about).partition("?")
        asked = dict(parse_qsl(query)) | other
        return f"{url}?{urlencode({name: said for name, said in asked.items() if said})}"

    replace(UpstreamOAuth, "authorize_url", careless)


def asking(alter: Any) -> None:
    """Alter all requests of the token endpoint."""
    sent = UpstreamOAuth._sent

    async def careless(self: UpstreamOAuth, request: httpx2.Request, *more: Any) -> Any:
        form = dict(parse_qsl(request.content.decode()))
        if "grant_type" in form:
            request = alter(request, form)
        return await sent(self, request, *more)

    replace(UpstreamOAuth, "_sent", careless)


@mistake(fails="authorize.response-type", also=("authorize.state", "exchange.*", *LATER))
def a_token_is_asked_for() -> None:
    """Users are sent upstream for an access token, as in the implicit grant."""
    _authorizing(response_type="token")


@mistake(fails="authorize.client-id", also=("authorize.state", "exchange.*", *LATER))
def another_client_asks() -> None:
    """A client id is sent that is not the configured one."""
    _authorizing(client_id="another-client")


@mistake(fails="authorize.redirect-uri", also=("authorize.state", *LATER))
def the_redirect_uri_has_a_slash_more() -> None:
    """The redirect URI of the exchange is spelt otherwise than that of the authorization."""
    asking(
        lambda request, form: httpx2.Request(
            "POST", request.url, data=form | {"redirect_uri": form.get("redirect_uri", "") + "/"}
        )
    )


@mistake(fails="authorize.offline-access", also=LATER)
def offline_access_is_not_asked_for() -> None:
    """The scopes are without offline_access."""
    _authorizing(scope="read:jira-work write:jira-work search:confluence")


@mistake(fails="authorize.scopes", also=("authorize.scopes-needed",))
def scopes_are_separated_by_commas() -> None:
    """Between scopes there are commas, as some services have it."""
    _authorizing(scope="read:jira-work,write:jira-work,search:confluence offline_access")


@mistake(fails="authorize.scopes-needed")
def there_is_no_scope_for_half_of_the_tools() -> None:
    """Only Jira's scopes are asked for, although there are tools for Confluence."""
    _authorizing(scope="read:jira-work write:jira-work offline_access")


@mistake(fails="authorize.state")
def states_are_counted() -> None:
    """States are numbers, one after the other."""
    numbers = count(int(time() * 1000))

    class Careless:
        @staticmethod
        def token_urlsafe(length: int) -> str:
            return str(next(numbers)) if length == 32 else "v" * 43 + str(next(numbers))

    replace(connections, "secrets", Careless)


@mistake(fails="authorize.pkce", also=("exchange.verifier",))
def there_is_no_challenge() -> None:
    """Users are sent upstream without a challenge."""
    _authorizing(code_challenge=None, code_challenge_method=None)


@mistake(
    fails="exchange.client-secret", also=("authorize.state", *LATER), production="client-secret"
)
def the_secret_is_left_out() -> None:
    """Tokens are asked for without the client's secret."""
    replace(UpstreamOAuth, "client", lambda _, server: {"client_id": server.oauth_config.client_id})


@mistake(fails="exchange.form")
def codes_are_exchanged_by_json() -> None:
    """The exchange is JSON, which this service takes, too."""

    def altered(request: httpx2.Request, form: dict[str, str]) -> httpx2.Request:
        if form["grant_type"] != "authorization_code":
            return request
        kind = {"content-type": "application/json"}
        return httpx2.Request("POST", request.url, content=json.dumps(form), headers=kind)

    asking(altered)


@mistake(fails="exchange.verifier", also=("authorize.state", *LATER))
def the_verifier_is_forgotten() -> None:
    """A challenge is sent, but no verifier with the code."""
    asking(
        lambda request, form: httpx2.Request(
            "POST",
            request.url,
            data={name: said for name, said in form.items() if name != "code_verifier"},
        )
    )
