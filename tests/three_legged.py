"""What a gateway does upstream: OAuth 2.0 (3LO) for a client that is known, for several users."""

from typing import Any

from replayed import CALLBACK, Caller, Json, shipped, told
from wiretape.analysis.profile.model import Profile
from wiretape.replay.http.messages import Reply
from wiretape.replay.oauth.state import Client
from wiretape.replay.service import Choices

PROFILE = "atlassian-gateway"
SECRET = "only-the-gateway-knows"
KNOWN = Client("the-gateway", (CALLBACK,), "client_secret_post", SECRET)
CLIENT = {"client_id": KNOWN.id, "client_secret": SECRET}
USERS = ("ada", "bob")
SCOPE = "read:jira-work offline_access"


class Gateway(Caller):
    """Calls a service as a gateway does; it proves itself by its secret, without PKCE."""

    def __init__(self, profile: Profile | None = None, **chosen: Any) -> None:
        choices = Choices(**{"clients": (KNOWN,), "users": USERS, **chosen})
        super().__init__(profile or shipped(PROFILE), choices)

    def consent(self, user: str | None = None, **other: str | None) -> Reply:
        """Have a user's browser ask for a code."""
        given = {"code_challenge": None, "code_challenge_method": None, "scope": SCOPE} | other
        url = f"{self.profile.endpoints.authorization}?{self.authorizing(CLIENT, **given)}"
        return self.ask("GET", url, headers={} if user is None else browser(user))

    def connect(self, user: str | None = None, **other: str | None) -> Json:
        """Give the tokens of a user."""
        return self.answer_of(self.exchange(CLIENT, told(self.consent(user, **other))["code"]))

    def resources(self, token: str | None, method: str = "GET") -> Reply:
        """Ask which sites a token opens."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return self.ask(method, self.profile.endpoints.resources or "", headers=headers)

    def site(self, tokens: Json) -> Json:
        """Give the one site that tokens open."""
        (site,) = self.answer_of(self.resources(tokens["access_token"]))
        return site


def browser(user: str) -> dict[str, str]:
    """Give what a browser of that user sends."""
    return {"cookie": f"other=1; wiretape_user={user}; more=2"}
