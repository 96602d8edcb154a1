"""Users who are asked on a page, in this process and in a real browser."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from browser import chromium
from replayed import (
    CHALLENGE,
    VERIFIER,
    Caller,
    Json,
    error,
    header,
    replaying,
    shipped,
    told,
)
from wiretape.replay.http.messages import Reply
from wiretape.replay.service import Choices

USERS = ("ada", "bob")


@pytest.fixture
def caller() -> Caller:
    return Caller(shipped("atlassian-2026-09"), Choices(users=USERS, consent=True))


def ticket(page: Reply) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.body.decode())
    assert found is not None, page.body
    return found[1]


def cookie(page: Reply) -> str:
    return (header(page, "set-cookie") or "").partition(";")[0]


def answer(caller: Caller, page: Reply, sent: str | None = None, **form: str) -> Reply:
    headers = {"cookie": cookie(page) if sent is None else sent}
    url = caller.profile.endpoints.authorization or ""
    return caller.post_form(url, headers, **({"ticket": ticket(page)} | form))


def asked(caller: Caller, **other: str) -> tuple[Json, Reply]:
    client = caller.register(client_name="<b>An app</b>")
    page = caller.authorize(client, **other)
    assert page.status == 200
    return client, page


def subject(caller: Caller, client: Json, reply: Reply) -> str:
    tokens = caller.answer_of(caller.exchange(client, told(reply)["code"]))
    found: str = caller.claims(tokens["access_token"])["sub"]
    return found


def test_who_allows_it_sends_the_client_a_code(caller: Caller) -> None:
    client, page = asked(caller)
    reply = answer(caller, page, decision="allow", user="bob")
    assert (reply.status, told(reply)["state"]) == (303, "a state")
    assert subject(caller, client, reply) == "bob"


def test_who_denies_it_sends_an_error(caller: Caller) -> None:
    _, page = asked(caller)
    reply = answer(caller, page, decision="deny", user="bob")
    assert reply.status == 303
    assert told(reply) == {
        "error": "access_denied",
        "error_description": "The user denied it",
        "state": "a state",
    }


@pytest.mark.parametrize(("hint", "user"), [("bob", "bob"), ("ada", "ada"), ("eve", "ada")])
def test_the_hint_names_the_user(hint: str, user: str) -> None:
    caller = Caller(shipped("atlassian-2026-09"), Choices(users=USERS))
    client = caller.register()
    assert subject(caller, client, caller.authorize(client, login_hint=hint)) == user


def test_the_hint_is_chosen_on_the_page(caller: Caller) -> None:
    _, page = asked(caller, login_hint="bob")
    assert re.findall(r'value="(\w+)" checked', page.body.decode()) == ["bob"]


def test_a_page_is_answered_once(caller: Caller) -> None:
    _, page = asked(caller)
    answer(caller, page, decision="allow")
    assert error(answer(caller, page, decision="allow")) == "invalid_request"


def test_a_page_is_answered_within_its_time(caller: Caller) -> None:
    _, page = asked(caller)
    caller.clock.advance(600)
    assert answer(caller, page, decision="allow").status == 400


@pytest.mark.parametrize("sent", ["", "consent-x=y", "a b;;=", "consent-x\x00=1"])
def test_nobody_answers_for_another_browser(caller: Caller, sent: str) -> None:
    _, page = asked(caller)
    reply = answer(caller, page, sent, decision="allow")
    assert (reply.status, header(reply, "location")) == (400, None)
    assert told(answer(caller, page, decision="allow"))["code"], "the page still waits"


def test_one_pages_cookie_is_not_anothers(caller: Caller) -> None:
    (_, one), (_, other) = asked(caller), asked(caller)
    assert answer(caller, one, cookie(other), decision="allow").status == 400
    both = f"{cookie(one)}; {cookie(other)}"
    assert answer(caller, one, both, decision="allow").status == 303


def test_what_a_client_calls_itself_is_text(caller: Caller) -> None:
    _, page = asked(caller)
    assert b"<b>" not in page.body
    assert b"&lt;b&gt;An app" in page.body


def test_the_page_loads_and_runs_nothing(caller: Caller) -> None:
    _, page = asked(caller)
    policy = header(page, "content-security-policy") or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert header(page, "cache-control") == "no-store"
    assert "HttpOnly; SameSite=Strict" in (header(page, "set-cookie") or "")
    assert b"<script" not in page.body


def test_a_client_that_is_not_good_gets_no_page(caller: Caller) -> None:
    assert caller.authorize({"client_id": "nobody"}).status == 400
    assert told(caller.authorize(caller.register(), response_type="token"))["error"]


def test_without_pages_there_is_nothing_to_post() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    reply = caller.post_form(caller.profile.endpoints.authorization or "", ticket="x")
    assert (reply.status, header(reply, "allow")) == (405, "GET")


@pytest.fixture
def callback() -> Iterator[str]:
    """A client's own server, which browsers come back to."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Callback) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()


class _Callback(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You may close this page.")

    def log_message(self, *_: object) -> None:
        pass


def test_a_real_browser_allows_and_denies(tmp_path: Path, callback: str) -> None:
    words = ("atlassian-2026-09", "--user", "ada", "--user", "bob", "--consent")
    with replaying(tmp_path, *words) as (_, url), chromium() as browser:
        metadata = _metadata(url)
        asking = {"redirect_uris": [callback], "client_name": "A notebook"}
        asking["token_endpoint_auth_method"] = "none"
        http = httpx.Client(trust_env=False)
        client = http.post(metadata["registration_endpoint"], json=asking).json()
        query = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": callback,
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        at = str(httpx.URL(metadata["authorization_endpoint"], params=query))
        context = browser.new_context(viewport={"width": 390, "height": 800})
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(at)
        assert page.get_by_role("heading").inner_text().startswith("A notebook asks for access")
        page.get_by_label("bob").check()
        allowed = _landed(page, "Allow", callback)
        assert allowed["state"] == ["a state"]
        form = {
            "grant_type": "authorization_code",
            "client_id": client["client_id"],
            "code": allowed["code"][0],
            "redirect_uri": callback,
            "code_verifier": VERIFIER,
        }
        assert http.post(metadata["token_endpoint"], data=form).status_code == 200
        page.goto(at)
        assert _landed(page, "Deny", callback)["error"] == ["access_denied"]
        http.close()
    assert complaints == []


def _landed(page: Page, button: str, callback: str) -> dict[str, list[str]]:
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{callback}?*")
    return parse_qs(urlsplit(page.url).query)


def _metadata(url: str) -> Json:
    at = urlsplit(url)
    found = f"{at.scheme}://{at.netloc}/.well-known/oauth-protected-resource{at.path}"
    issuer = urlsplit(httpx.get(found, trust_env=False).json()["authorization_servers"][0])
    where = f"{issuer.scheme}://{issuer.netloc}/.well-known/oauth-authorization-server{issuer.path}"
    return httpx.get(where, trust_env=False).json()
