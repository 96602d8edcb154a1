"""The few endpoints of Jira that a walk through mcp-atlassian calls, over one issue.

It knows its callers by their Bearer alone and shows each as the assignee, so that an answer tells
whose token has come through. Tokens that it does not know it has told by Atlassian's list of sites,
if `SITES_URL` says where that is.
"""

import json
import os
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as Asked
from urllib.request import urlopen

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ISSUE = "DEMO-1"
CALLERS = {
    f"{user:024x}:{user:016x}:{user:032x}": name
    for user, name in enumerate(("Ada Example", "Ben Example"), start=1)
}
"""Tokens in the shape of the service's: user, grant, secret."""


def person(caller: str) -> dict[str, Any]:
    return {"accountId": f"account-{caller.split(maxsplit=1)[0].lower()}", "displayName": caller}


def issue(caller: str) -> dict[str, Any]:
    return {
        "id": "10001",
        "key": ISSUE,
        "fields": {
            "summary": "Brew the tea",
            "description": "With milk.",
            "status": {"name": "To Do"},
            "issuetype": {"name": "Task"},
            "project": {"key": "DEMO", "name": "Demo"},
            "assignee": person(caller),
            "comment": {"comments": [], "total": 0},
        },
    }


def known(token: str) -> str | None:
    """Tell whose token it is, if it is good."""
    if token in CALLERS or "SITES_URL" not in os.environ:
        return CALLERS.get(token)
    asked = Asked(os.environ["SITES_URL"], headers={"authorization": f"Bearer {token}"})
    try:
        with urlopen(asked) as answer:
            return str(json.load(answer)[0]["name"])
    except HTTPError:
        return None


def answered(answer: Callable[[str], object]) -> Callable[[Request], Response]:
    """Serve what `answer` says for a known caller, and refuse any other."""

    def endpoint(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        caller = known(token) if scheme == "Bearer" else None
        if caller is None:
            return JSONResponse({"message": "Client must be authenticated"}, 401)
        return JSONResponse(answer(caller))

    return endpoint


jira = Starlette(
    routes=[
        Route("/rest/api/2/myself", answered(person)),
        Route("/rest/api/2/field", answered(lambda _: [])),
        Route(f"/rest/api/2/issue/{ISSUE}", answered(issue)),
        Route(f"/rest/api/2/issue/{ISSUE}/comment", answered(lambda _: {"comments": []})),
        Route("/rest/api/2/search", answered(lambda caller: {"issues": [issue(caller)]})),
    ]
)
