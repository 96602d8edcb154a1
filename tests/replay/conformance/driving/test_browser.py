"""The browser by hand, against pages that an authorization server may show."""

import asyncio

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from wiretape.replay.conformance.driving.browser import browsed
from wiretape.replay.conformance.stage import StuckError

CALLBACK = "http://127.0.0.1:9/callback"
DONE = f"{CALLBACK}?code=abc&state="


def browse(server: HTTPServer) -> dict[str, str]:
    async def done() -> dict[str, str]:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await browsed(http, await http.get(server.url_for("/authorize")), CALLBACK)

    return asyncio.run(done())


def redirect(to: str, status: int = 302, **headers: str) -> Response:
    return Response("", status, {"location": to, **headers})


def page(form: str) -> Response:
    return Response(f"<!doctype html><h1>Allow?</h1>{form}", content_type="text/html")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_lead_to_the_callback(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/authorize").respond_with_response(redirect("/next", status))
    httpserver.expect_request("/next").respond_with_response(redirect(DONE))
    assert browse(httpserver) == {"code": "abc", "state": ""}


def test_cookies_are_kept(httpserver: HTTPServer) -> None:
    away = redirect("/next", **{"set-cookie": "bound=yes"})
    httpserver.expect_request("/authorize").respond_with_response(away)

    def answered(request: Request) -> Response:
        return redirect(DONE if request.cookies.get("bound") == "yes" else "/lost")

    httpserver.expect_request("/next").respond_with_handler(answered)
    assert "code" in browse(httpserver)


@pytest.mark.parametrize(
    "buttons",
    [
        (
            '<button name="answer" value="deny">No</button><button name="answer" value="allow">Yes'
            "</button>"
        ),
        (
            '<input type="submit" name="answer" value="cancel">'
            '<input type="submit" name="answer" value="allow">'
        ),
    ],
)
def test_it_consents_where_it_is_asked(httpserver: HTTPServer, buttons: str) -> None:
    fields = (
        '<input type="hidden" name="csrf" value="a&amp;b"><input type="checkbox" name="all" '
        'value="1"><input type="checkbox" name="read" value="1" checked>'
    )
    form = f'<form method="POST" action="/consent">{fields}{buttons}</form><form></form>'
    httpserver.expect_request("/authorize").respond_with_response(page(form))
    asked: list[dict[str, str]] = []

    def answered(request: Request) -> Response:
        asked.append(request.form.to_dict())
        return redirect(DONE, 303)

    httpserver.expect_request("/consent", method="POST").respond_with_handler(answered)
    assert browse(httpserver)["code"] == "abc"
    assert asked == [{"csrf": "a&b", "read": "1", "answer": "allow"}]


def test_a_form_without_an_action_goes_where_it_is(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/authorize").respond_with_response(
        page('<form><button name="ok" value="1">Go on</button></form>')
    )
    httpserver.expect_ordered_request("/authorize", query_string="ok=1").respond_with_response(
        redirect(DONE)
    )
    assert browse(httpserver)["code"] == "abc"


@pytest.mark.parametrize(
    "answer",
    [
        Response("nothing here", 500),
        page("<p>no form</p>"),
        redirect("/authorize"),
        Response('{"form": "<form>"}', content_type="application/json"),
    ],
)
def test_it_says_where_it_is_stuck(httpserver: HTTPServer, answer: Response) -> None:
    httpserver.expect_request("/authorize").respond_with_response(answer)
    with pytest.raises(StuckError, match=r"the browser is stuck at http://.+/authorize: \d+"):
        browse(httpserver)
