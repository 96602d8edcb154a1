"""What protects a grant, and what is refused to protect it."""

from urllib.parse import urlencode

from client.oauth import OAuth

from mutants.mistake import mistake, replace


@mistake(fails="pkce.s256")
def plain_is_tried() -> None:
    """It asks for authorization with a plain challenge first."""
    authorize = OAuth.authorize

    def careless(self: OAuth) -> str:
        self.protect()
        plain = {"code_challenge": self.verifier, "code_challenge_method": "plain"}
        asked = urlencode(self.question() | plain)
        self.http.get(f"{self.server['authorization_endpoint']}?{asked}")
        return authorize(self)

    replace(OAuth, "authorize", careless)


@mistake(fails="pkce.fresh")
def the_verifier_stays() -> None:
    """Every authorization has the first one's verifier."""
    protect = OAuth.protect

    def careless(self: OAuth) -> None:
        before = self.verifier
        protect(self)
        self.verifier = before or self.verifier

    replace(OAuth, "protect", careless)


@mistake(fails="state.fresh")
def the_state_stays() -> None:
    """Every authorization has the first one's state."""
    protect = OAuth.protect

    def careless(self: OAuth) -> None:
        before = self.state
        protect(self)
        self.state = before or self.state

    replace(OAuth, "protect", careless)


@mistake(fails="state.sent", also=("state.verified", "state.fresh"))
def there_is_no_state() -> None:
    """It asks for authorization without a state."""
    question = OAuth.question

    def careless(self: OAuth) -> dict[str, str]:
        asked = question(self)
        del asked["state"]
        return asked

    replace(OAuth, "question", careless)
    replace(OAuth, "check_state", lambda *_: None)


@mistake(fails="state.verified")
def the_state_is_not_compared() -> None:
    """It takes a code with any state, or none."""
    replace(OAuth, "check_state", lambda *_: None)


@mistake(fails="resource.authorization")
def authorization_names_no_resource() -> None:
    """It asks for authorization without a resource."""
    question = OAuth.question

    def careless(self: OAuth) -> dict[str, str]:
        asked = question(self)
        del asked["resource"]
        return asked

    replace(OAuth, "question", careless)


@mistake(fails="resource.token")
def an_exchange_names_no_resource() -> None:
    """It exchanges codes without a resource."""
    _without_resource("authorization_code")


@mistake(fails="refresh.resource")
def a_refresh_names_no_resource() -> None:
    """It refreshes without a resource."""
    _without_resource("refresh_token")


def _without_resource(grant: str) -> None:
    ask = OAuth.ask

    def careless(self: OAuth, form: dict[str, str]) -> object:
        if form["grant_type"] != grant:
            return ask(self, form)
        said = {"client_id": self.client_id, **form}
        return self.http.post(self.server["token_endpoint"], data=said)

    replace(OAuth, "ask", careless)


@mistake(fails="issuer.mismatch")
def any_issuer_is_good() -> None:
    """It does not compare the issuer."""
    replace(OAuth, "check_issuer", lambda *_: None)


@mistake(fails="pkce.unsupported")
def any_server_is_good() -> None:
    """It does not look whether the authorization server knows PKCE."""
    replace(OAuth, "check_pkce", lambda *_: None)


@mistake(fails="resource.mismatch")
def any_resource_is_good() -> None:
    """It does not compare the resource."""
    replace(OAuth, "check_resource", lambda *_: None)
