"""An authorization server and its clients, in plays: what is asked of it, and what it gives."""

from typing import Any

from play import Headers, Json, Play, call, result
from players import MCP

SITE = "https://mcp.example.com"
TOKEN = f"{SITE}/token"
AUTHORIZE = f"{SITE}/authorize"
REGISTER = f"{SITE}/register"
CODE = {"grant_type": "authorization_code", "code": "code1", "client_id": "abc"}


def give(play: Play, asked: int, access: str, refresh: str | None = None, **more: Json) -> None:
    """Answer a token request with tokens; what is None is left out."""
    told = {"access_token": access, "token_type": "bearer", "refresh_token": refresh, **more}
    play.answer(asked, {name: value for name, value in told.items() if value is not None})


def refuse(play: Play, asked: int, error: str = "invalid_grant", status: int = 400) -> None:
    play.answer(asked, {"error": error}, status=status)


def exchange(play: Play, access: str, refresh: str | None = None, **more: Json) -> None:
    """Exchange a code for tokens."""
    give(play, play.request("POST", TOKEN, form=CODE), access, refresh, **more)


def ask_refresh(play: Play, refresh: str, headers: Headers | None = None, **form: str) -> int:
    form = {"grant_type": "refresh_token", "refresh_token": refresh, **form}
    return play.request("POST", TOKEN, form=form, headers=headers)


def refresh(play: Play, used: str, access: str, new: str | None = None, **more: Json) -> None:
    give(play, ask_refresh(play, used), access, new, **more)


def use(play: Play, token: str, status: int = 200, url: str = MCP, **how: Any) -> None:
    """Call MCP with an access token; the service takes it, or answers with an error."""
    asked = play.post(url, call(1, "tools/list"), {"Authorization": f"Bearer {token}"}, **how)
    play.answer(asked, result(1, tools=[]) if status == 200 else None, status=status)
