"""The steps of OAuth: registration, codes, tokens, refresh, reuse, revocation."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from paper import (
    HELLO,
    REDIRECT,
    SERVER,
    URL,
    Play,
    answer,
    form,
    granted,
    header,
    known,
    mcp,
)
from wiretape.recorder.probe.known import Client, Code, Known
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.steps import (
    authorize,
    refresh,
    refresh_reuse,
    registration,
    reused_code,
    revocation,
    token,
    wrong_verifier,
)
from wiretape.recorder.probe.talk import Answer, Ask

TOKENS = {
    "access_token": "a:1:second",
    "refresh_token": "r:1:second",
    "token_type": "bearer",
    "expires_in": 3300,
    "scope": "notes:read",
}
REFUSED = answer(400, {"error": "invalid_grant"})


def registered(**options: Any) -> Known:
    found = known(**options)
    found.server = SERVER
    found.client = Client("client-1")
    return found


def at_once(ask: Ask) -> Answer:
    """Consent at once, by way of a page of the service's own."""
    asked = dict(parse_qsl(urlsplit(ask.url).query))
    if "step" not in asked:
        return answer(302, location=f"/authorize?{urlencode({'step': 2, 'state': asked['state']})}")
    return answer(302, location=f"{REDIRECT}?{urlencode({'code': 'c', 'state': asked['state']})}")


def test_a_client_is_registered_wrongly_then_rightly():
    found = known()
    found.server = SERVER

    def register(ask: Ask) -> Answer:
        document = json.loads(ask.body)
        if not document["redirect_uris"]:
            return answer(400, {"error": "invalid_redirect_uri"})
        return answer(201, {"client_id": "new", "token_endpoint_auth_method": "none"})

    play = Play(found, {"POST /register": register}).run(registration.STEP)
    document = json.loads(play.ask("register").body)
    assert document["redirect_uris"] == [REDIRECT]
    assert document["token_endpoint_auth_method"] == "none"
    assert document["scope"] == "offline_access"
    assert play.known.client == Client("new", None, "none")


def test_a_refused_registration_fails_the_step():
    found = known()
    found.server = SERVER
    play = Play(found, {"POST /register": answer(403)}).run(registration.STEP)
    assert play.error == "registration was answered 403"
    assert not play.known.has("client")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ((), "none"),
        (("client_secret_basic", "client_secret_post"), "client_secret_post"),
        (("client_secret_basic",), "client_secret_basic"),
        (("private_key_jwt", "none"), "none"),
    ],
)
def test_the_client_authentication_is_one_that_the_server_offers(
    offered: tuple[str, ...], chosen: str
):
    found = known()
    found.server = replace(SERVER, auth_methods=offered)
    play = Play(found, {}).run(registration.STEP)
    assert json.loads(play.asks[0].body)["token_endpoint_auth_method"] == chosen


def test_nothing_is_registered_for_a_client_that_is_given_or_where_it_cannot_be():
    given = known(client_id="mine")
    given.server = SERVER
    assert Play(given, {}).run(registration.STEP).asks == []
    closed = known()
    closed.server = replace(SERVER, registration_endpoint=None)
    assert Play(closed, {}).run(registration.STEP).asks == []


def test_headless_follows_redirects_to_the_callback():
    routes = {"GET /authorize": at_once, "GET /callback": answer()}
    play = Play(registered(headless=True), routes).run(authorize.STEP)
    assert play.sent == ["GET /authorize", "GET /authorize", "GET /callback"]
    assert play.visits == []
    assert play.known.code
    assert play.known.code.code == "c:1:secret"
    asked = dict(parse_qsl(urlsplit(play.asks[0].url).query))
    digest = hashlib.sha256(play.known.code.verifier.encode()).digest()
    assert asked == {
        "response_type": "code",
        "client_id": "client-1",
        "redirect_uri": REDIRECT,
        "state": asked["state"],
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "resource": URL,
        "scope": "offline_access",
    }


def test_headless_says_when_a_user_is_wanted():
    play = Play(registered(headless=True), {"GET /authorize": answer(200, b"<form>")})
    assert "wants a user" in (play.run(authorize.STEP).error or "")


def test_headless_goes_only_to_web_addresses_and_not_in_circles():
    for location, wanted in (("file:///etc/passwd", "no web"), ("/authorize", "more than 5")):
        play = Play(registered(headless=True), {"GET /authorize": answer(302, location=location)})
        assert wanted in (play.run(authorize.STEP).error or "")


def test_otherwise_the_request_is_sent_once_and_then_opened_in_the_browser():
    play = Play(registered(), {"GET /authorize": answer(200)}).run(authorize.STEP)
    assert play.visits == [play.asks[0].url]
    assert play.known.has("code")


@pytest.mark.parametrize(
    ("landed", "why"),
    [({"error": "access_denied"}, "access_denied"), ({"other": "x"}, "no code")],
)
def test_a_callback_without_a_code_fails_the_step(landed: dict[str, str], why: str):
    play = Play(registered(), {}, landing=lambda _: landed).run(authorize.STEP)
    assert why in (play.error or "")


@pytest.mark.parametrize(
    ("challenge", "resource", "given", "scope"),
    [
        ('Bearer scope="a b"', ("c",), None, "a b offline_access"),
        (None, ("c",), None, "c offline_access"),
        (None, (), "mine", "mine"),
        ('Bearer scope="a"', (), "", None),
    ],
)
def test_the_scope_is_chosen_as_clients_do(
    challenge: str | None, resource: tuple[str, ...], given: str | None, scope: str | None
):
    found = registered(scope=given)
    found.challenge, found.resource_scopes = challenge, resource
    play = Play(found, {}).run(authorize.STEP)
    assert dict(parse_qsl(urlsplit(play.asks[0].url).query)).get("scope") == scope


def test_a_code_becomes_tokens():
    found = registered()
    found.code = Code("c:1:secret", "verifier")
    found.resource = "https://mcp.example/named"
    play = Play(found, {"POST /token": answer(200, TOKENS)}).run(token.STEP)
    assert form(play.asks[0]) == {
        "grant_type": "authorization_code",
        "code": "c:1:secret",
        "redirect_uri": REDIRECT,
        "code_verifier": "verifier",
        "resource": "https://mcp.example/named",
        "client_id": "client-1",
    }
    assert header(play.asks[0], "content-type") == "application/x-www-form-urlencoded"
    tokens = play.known.tokens
    assert tokens
    assert (tokens.access, tokens.lifetime) == ("a:1:second", 3300)
    assert play.known.code is None
    assert play.known.lifecycle.grant
    assert play.known.lifecycle.grant.expires_in == 3300
    assert "10 characters in segments of 1, 1, 6 for 3300 s" in play.notes[0]


@pytest.mark.parametrize(
    ("client", "methods", "basic", "secret_in_form"),
    [
        (Client("a b", "s/1"), (), "Basic YSUyMGI6cyUyRjE=", None),
        (Client("id", "s"), ("client_secret_post",), None, "s"),
        (Client("id", "s", "client_secret_post"), (), None, "s"),
        (Client("id", None), ("client_secret_basic",), None, None),
    ],
)
def test_the_client_shows_its_secret_as_the_server_wants(
    client: Client, methods: tuple[str, ...], basic: str | None, secret_in_form: str | None
):
    found = registered()
    found.server, found.client = replace(SERVER, auth_methods=methods), client
    found.code = Code("c", "v")
    play = Play(found, {}).run(token.STEP)
    assert header(play.asks[0], "authorization") == basic
    assert form(play.asks[0]).get("client_secret") == secret_in_form
    assert play.error == "the exchange was answered 404"


@pytest.mark.parametrize("expires_in", [None, "soon", -1, 1e12, [], "inf", "nan", {"a": 1}])
def test_a_lifetime_that_is_none_is_unsaid(expires_in: Any):
    found = registered()
    found.code = Code("c", "v")
    routes = {"POST /token": answer(200, TOKENS | {"expires_in": expires_in})}
    play = Play(found, routes).run(token.STEP)
    assert play.known.tokens
    assert play.known.tokens.lifetime is None


@pytest.mark.parametrize("expires_in", [60, "60", 60.0])
def test_a_lifetime_may_be_spelt_as_servers_do(expires_in: Any):
    found = registered()
    found.code = Code("c", "v")
    routes = {"POST /token": answer(200, TOKENS | {"expires_in": expires_in})}
    play = Play(found, routes).run(token.STEP)
    assert play.known.tokens
    assert play.known.tokens.lifetime == 60


class TokenEndpoint:
    """Refuses what a rule says, and issues numbered tokens for the rest."""

    def __init__(self, *refuse: int) -> None:
        self.refuse = refuse
        self.asked: list[dict[str, str]] = []

    def __call__(self, ask: Ask) -> Answer:
        self.asked.append(form(ask))
        number = len(self.asked)
        if number in self.refuse:
            return REFUSED
        return answer(200, TOKENS | {"access_token": f"a{number}", "refresh_token": f"r{number}"})


def play(found: Known, step: Step, *refuse: int, accepted: bool = True) -> Play:
    routes = {
        "POST /token": TokenEndpoint(*refuse),
        "POST /mcp": mcp(initialize=HELLO) if accepted else answer(401),
        "GET /authorize": at_once,
        "GET /callback": answer(),
    }
    return Play(found, routes).run(step)


@pytest.mark.parametrize(
    ("refuse", "learnt"),
    [
        ((1,), "after a wrong verifier the code can still be exchanged"),
        ((1, 2), "after a wrong verifier the code is burnt"),
        ((), "the verifier is not checked"),
    ],
)
def test_a_wrong_verifier_then_the_right_one(refuse: tuple[int, ...], learnt: str):
    done = play(registered(headless=True), wrong_verifier.STEP, *refuse)
    wrong, right = (form(ask)["code_verifier"] for ask in done.asks if ask.method == "POST")
    assert wrong != right
    assert 43 <= len(wrong) <= 128
    assert done.notes == [learnt]
    assert not done.known.has("tokens")


@pytest.mark.parametrize(
    ("refuse", "accepted", "learnt"),
    [
        ((2,), True, "used again is refused; the tokens of its first use are still accepted"),
        ((2,), False, "used again is refused; the tokens of its first use are no longer accepted"),
        ((), True, "used again is accepted; the tokens of its first use are still accepted"),
    ],
)
def test_a_code_used_again(refuse: tuple[int, ...], accepted: bool, learnt: str):
    done = play(registered(headless=True), reused_code.STEP, *refuse, accepted=accepted)
    assert learnt in done.notes[0]
    assert header(done.ask("the tokens of the first exchange"), "authorization") == "Bearer a1"


def test_a_refresh_takes_over_the_new_tokens_and_tries_the_old():
    done = play(granted(), refresh.STEP)
    assert form(done.asks[0]) == {
        "grant_type": "refresh_token",
        "refresh_token": "r:1:first",
        "resource": URL,
        "client_id": "client-1",
    }
    assert done.known.tokens
    assert done.known.tokens.refresh == "r1"
    old = done.ask("the access token before the refresh")
    assert header(old, "authorization") == "Bearer a:1:first"
    measured = done.known.lifecycle.refresh
    assert measured
    assert measured.rotated
    assert measured.old_access_token_accepted


def test_a_refresh_may_keep_the_refresh_token():
    tokens = {name: value for name, value in TOKENS.items() if name != "refresh_token"}
    done = Play(granted(), {"POST /token": answer(200, tokens)}).run(refresh.STEP)
    assert done.known.tokens
    assert done.known.tokens.refresh == "r:1:first"
    assert done.known.lifecycle.refresh
    assert done.known.lifecycle.refresh.rotated is False
    assert done.known.lifecycle.refresh.kept_segments == (True, True, False)


def test_a_refused_refresh_is_measured_and_fails_the_step():
    done = play(granted(), refresh.STEP, 1)
    assert done.error == "the refresh was answered 400"
    assert done.known.lifecycle.refresh
    assert done.known.lifecycle.refresh.issued.status == 400
    assert done.known.tokens
    assert done.known.tokens.access == "a:1:first"


def test_an_old_refresh_token_is_used_before_and_after_the_new_one():
    done = play(granted(), refresh_reuse.STEP, 2, 4)
    asked = [form(ask)["refresh_token"] for ask in done.asks if ask.url.endswith("/token")]
    assert asked == ["r:1:first", "r:1:first", "r1", "r:1:first"]
    assert header(done.ask("the newest access token"), "authorization") == "Bearer a3"


def test_where_the_old_refresh_token_still_works_the_newest_is_the_one_it_gave():
    done = play(granted(), refresh_reuse.STEP, 4)
    asked = [form(ask)["refresh_token"] for ask in done.asks if ask.url.endswith("/token")]
    assert asked == ["r:1:first", "r:1:first", "r2", "r:1:first"]


def test_without_rotation_there_is_no_old_refresh_token():
    same = answer(200, TOKENS | {"refresh_token": "r:1:first"})
    done = Play(granted(), {"POST /token": same}).run(refresh_reuse.STEP)
    assert done.sent == ["POST /token"]
    assert done.notes == ["refresh tokens are not rotated"]


def test_a_grant_is_revoked_and_its_tokens_tried():
    routes = {"POST /revoke": answer(200), "POST /mcp": answer(401), "POST /token": REFUSED}
    done = Play(granted(), routes).run(revocation.STEP)
    revoked = form(done.ask("revoke"))
    assert (revoked["token"], revoked["token_type_hint"]) == ("r:1:first", "refresh_token")
    assert done.notes == [
        "revoke: 200; the access token after it: 401",
        "the refresh token after it: 400",
    ]


def test_without_a_revocation_endpoint_nothing_is_sent():
    found = granted()
    found.server = replace(SERVER, revocation_endpoint=None)
    assert Play(found, {}).run(revocation.STEP).asks == []


def test_the_users_headers_and_tokens_go_to_the_service_only():
    found = registered(headers=(("x-site", "1"), ("authorization", "Bearer own")))
    found.server = replace(SERVER, token_endpoint="https://as.example/token")
    found.tokens, found.code = granted().tokens, Code("c", "v")
    done = Play(found, {}).run(token.STEP)
    assert header(done.asks[0], "x-site") is None
    assert header(done.asks[0], "authorization") is None
