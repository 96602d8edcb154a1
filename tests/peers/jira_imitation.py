"""The few endpoints of Jira that a walk through mcp-atlassian calls, over one issue.

It knows its callers by their Bearer alone and shows each as the assignee, so that an answer tells
whose token has come through.
"""

from collections.abc import Callable
from typing import Any

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


def answered(answer: Callable[[str], object]) -> Callable[[Request], Response]:
    """Serve what `answer` says for a known caller, and refuse any other."""

    def endpoint(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in CALLERS:
            return JSONResponse({"message": "Client must be authenticated"}, 401)
        return JSONResponse(answer(CALLERS[token]))

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
