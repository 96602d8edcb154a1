"""The bridge as a client of Atlassian."""

from urllib.parse import urlencode

from made_up import MadeUp
from play import Json, Play
from visitor import FORM, JSON, Visitor

BRIDGE = "https://bridge.example.com"
LIFETIME = 3300
_UPSTREAM = "https://auth.atlassian.com"
_TOKEN_URL = f"{_UPSTREAM}/oauth/token"
_CLIENT = "Ex4mpleUpstream1"
SCOPE = "read:jira-work write:jira-work"


class Upstream:
    """The bridge's own grant at Atlassian, and what it keeps of that."""

    def __init__(self, play: Play, made: MadeUp, *, mended: bool) -> None:
        self.scope = f"{SCOPE} offline_access" if mended else SCOPE
        self.access = ""
        self._play, self._made, self._mended = play, made, mended
        self._grant = f"{made.hex(24)}:{made.alnum(16)}"
        self._good = ""
        self._stored = ""

    def authorize(self, cause: int, visitor: Visitor) -> int:
        """Send the user there and back; gives the exchange that leads back to the client."""
        state, code = self._made.alnum(22), f"{self._grant}:{self._made.alnum(32)}"
        asked = {
            "response_type": "code",
            "client_id": _CLIENT,
            "redirect_uri": f"{BRIDGE}/callback",
            "scope": self.scope,
            "state": state,
            "code_challenge": self._made.alnum(43),
            "code_challenge_method": "S256",
        }
        url = f"{_UPSTREAM}/authorize?{urlencode(asked)}"
        self._play.answer(cause, status=302, headers={"location": url})
        page = visitor.ask("authorize, redirect 1", "GET", url, cause=cause)
        self._play.later(3)
        back = f"{BRIDGE}/callback?{urlencode({'code': code, 'state': state})}"
        self._play.answer(page, status=302, headers={"location": back})
        callback = visitor.ask("authorize, redirect 2", "GET", back, cause=page)
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": "made-up" * 7}
        self._give(self._post(FORM, form=form | {"client_id": _CLIENT}))
        self._stored = self._good
        return callback

    def refresh(self) -> bool:
        """Refresh with what is stored; tells if that worked."""
        asked = {
            "grant_type": "refresh_token",
            "refresh_token": self._stored,
            "client_id": _CLIENT,
        }
        number = self._post(FORM, form=asked) if self._mended else self._post(JSON, json=asked)
        if self._stored != self._good:
            refused = {"error": "invalid_grant", "error_description": "Unknown refresh token."}
            self._play.answer(number, refused, status=400, headers=JSON)
            return False
        self._give(number)
        if self._mended:
            self._stored = self._good
        return True

    def _post(self, headers: dict[str, str], **body: Json) -> int:
        headers = {"host": "auth.atlassian.com", "user-agent": "node"} | headers
        return self._play.request("POST", _TOKEN_URL, headers=headers, on="b1", **body)

    def _give(self, number: int) -> None:
        self.access, self._good = (f"{self._grant}:{self._made.alnum(32)}" for _ in range(2))
        body = {
            "access_token": self.access,
            "token_type": "bearer",
            "expires_in": LIFETIME,
            "refresh_token": self._good,
            "scope": self.scope,
        }
        self._play.later(0.12)
        self._play.answer(number, body, headers=JSON)
