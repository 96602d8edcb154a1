"""The bridge as an authorization server: what it refuses, and what works once."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from pytest_httpserver import HTTPServer

from bridging import Bridged, bridge_process, bridged
from replayed import CALLBACK, CHALLENGE


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridged]:
    with bridged(tmp_path_factory.mktemp("bridge")) as client:
        yield client


@pytest.mark.parametrize("at", ["", "/mcp", "/mcp/"])
def test_documents_agree(bridge: Bridged, at: str) -> None:
    known = f"{bridge.origin}/.well-known"
    resource = bridge.http.get(f"{known}/oauth-protected-resource{at}").json()
    server = bridge.http.get(f"{known}/oauth-authorization-server{at}").json()
    assert resource["resource"] == bridge.url
    assert resource["authorization_servers"] == [server["issuer"]] == [bridge.origin]
    assert server["token_endpoint"] == f"{bridge.origin}/access-token"
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert "offline_access" in resource["scopes_supported"] == server["scopes_supported"]


def test_a_client_without_a_token_is_told_where_to_get_one(bridge: Bridged) -> None:
    for answer in (bridge.http.get(bridge.url), bridge.http.post(bridge.url, json={})):
        assert answer.status_code == 401
        assert answer.json() == {
            "error": "invalid_token",
            "error_description": "Missing or invalid access token",
        }
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith('Bearer realm="OAuth", error="invalid_token"')
        named = challenge.partition('resource_metadata="')[2].removesuffix('"')
        assert bridge.http.get(named).json()["resource"] == bridge.url


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example/mcp"}, "invalid_target"),
    ],
)
def test_a_wrong_wish_goes_back_to_the_client(
    bridge: Bridged, other: dict[str, str | None], error: str
) -> None:
    told = bridge.redirected(bridge.wish(**other))
    assert told == {"error": error, "state": "a state", "iss": bridge.origin}


@pytest.mark.parametrize("uri", [f"{CALLBACK}/", "http://127.0.0.1:8766/callback", None])
def test_nobody_is_sent_to_where_the_client_is_not_registered(
    bridge: Bridged, uri: str | None
) -> None:
    answer = bridge.wish(redirect_uri=uri)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "uri", ["http://elsewhere.example/callback", "javascript:alert(1)", f"{CALLBACK}#here", 7]
)
def test_some_redirect_uris_are_not_registered(bridge: Bridged, uri: object) -> None:
    answer = bridge.register(redirect_uris=[uri])
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}


def test_both_sides_have_a_challenge_and_a_state_of_their_own(bridge: Bridged) -> None:
    upstream = parse_qs(urlsplit(bridge.wish().headers["location"]).query)
    again = parse_qs(urlsplit(bridge.wish().headers["location"]).query)
    assert upstream["code_challenge_method"] == ["S256"]
    assert upstream["code_challenge"] != [CHALLENGE]
    assert upstream["client_id"] != [bridge.client["client_id"]]
    assert upstream["client_id"] == again["client_id"]
    assert upstream["redirect_uri"] == [f"{bridge.origin}/callback"]
    assert "offline_access" in upstream["scope"][0].split()
    for name in ("state", "code_challenge"):
        assert upstream[name] != again[name]
    assert len(upstream["state"][0]) >= 32


def test_a_code_works_once_and_ends_its_grant_the_second_time(bridge: Bridged) -> None:
    code = bridge.redirected(bridge.wish())["code"]
    first, second = bridge.exchange(code), bridge.exchange(code)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    token = {"authorization": f"Bearer {first.json()['access_token']}"}
    assert bridge.http.post(bridge.url, headers=token).status_code == 401


@pytest.mark.parametrize(
    "other",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": "ü" * 43},
        {"redirect_uri": f"{CALLBACK}/"},
        {"code": "none"},
    ],
)
def test_a_code_needs_its_verifier_and_redirect_uri(bridge: Bridged, other: dict[str, str]) -> None:
    given = {"code": bridge.redirected(bridge.wish())["code"]} | other
    refused = bridge.exchange(**given)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_tokens_are_asked_for_by_forms_only(bridge: Bridged) -> None:
    refused = bridge.http.post(f"{bridge.origin}/access-token", json={"grant_type": "x"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert bridge.token(grant_type="password").json()["error"] == "unsupported_grant_type"


def test_a_browser_may_be_about_several_clients_at_once(bridge: Bridged) -> None:
    first, second = bridge.wish(state="first"), bridge.wish(state="second")
    assert bridge.redirected(first)["state"] == "first"
    assert bridge.redirected(second)["state"] == "second"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"redirect_uris": "x"}'])
def test_what_is_no_metadata_of_a_client_is_refused(bridge: Bridged, body: bytes) -> None:
    sent = {"content-type": "application/json"}
    answer = bridge.http.post(f"{bridge.origin}/register", content=body, headers=sent)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}


@pytest.mark.parametrize("form", [b"\xff", b"grant_type=x&grant_type=y", "grant_type=ü".encode()])
def test_odd_forms_are_refused(bridge: Bridged, form: bytes) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded"}
    answer = bridge.http.post(f"{bridge.origin}/access-token", content=form, headers=sent)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"]


def test_the_upstreams_state_is_good_once_and_in_one_browser_only(bridge: Bridged) -> None:
    at_upstream = bridge.http.get(bridge.wish().headers["location"]).headers["location"]
    with httpx.Client(trust_env=False) as other:
        assert other.get(at_upstream).status_code == 400
    assert bridge.http.get(at_upstream).status_code == 400
    assert bridge.http.get(f"{bridge.origin}/callback?code=c&state=s").status_code == 400


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_client_with_a_secret_has_to_show_it(bridge: Bridged, method: str) -> None:
    client = bridge.register(token_endpoint_auth_method=method).json()
    secrets = {"right": client["client_secret"], "wrong": "wrong"}
    for name, secret in secrets.items():
        form = {"grant_type": "authorization_code", "code": "none"}
        headers = {}
        if method == "client_secret_post":
            form |= {"client_id": client["client_id"], "client_secret": secret}
        else:
            pair = b64encode(f"{client['client_id']}:{secret}".encode()).decode()
            headers = {"authorization": f"Basic {pair}"}
        answer = bridge.http.post(f"{bridge.origin}/access-token", data=form, headers=headers)
        error = "invalid_grant" if name == "right" else "invalid_client"
        assert answer.json()["error"] == error


def test_a_client_elsewhere_needs_the_users_consent(bridge: Bridged) -> None:
    uri = "https://client.example/callback"
    own = bridge.client
    bridge.client = bridge.register(redirect_uris=[uri], client_name="<b>Other</b>").json()
    page = bridge.wish(redirect_uri=uri)
    bridge.client = own
    assert page.status_code == 200
    assert "client.example" in page.text
    assert "<b>Other</b>" not in page.text.replace("&lt;b&gt;Other&lt;/b&gt;", "")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    form = {"state": page.text.partition('name="state" value="')[2].partition('"')[0]}
    consent = f"{bridge.origin}/consent"
    with httpx.Client(trust_env=False) as other:
        assert other.post(consent, data=form | {"consent": "yes"}).status_code == 400
    onwards = bridge.http.post(consent, data=form | {"consent": "yes"})
    assert onwards.status_code == 303
    back = bridge.http.get(onwards.headers["location"])
    assert bridge.http.get(back.headers["location"]).headers["location"].startswith(f"{uri}?code=")


@pytest.mark.parametrize("fault", ["access-denied", "token-error", "token-html", "invalid-code"])
def test_a_failure_on_the_way_goes_back_to_the_client(bridge: Bridged, fault: str) -> None:
    if fault == "invalid-code":
        at_upstream = bridge.http.get(bridge.wish().headers["location"])
        wrong = str(at_upstream.headers["location"]).replace("code=", "code=x")
        told = bridge.redirected(bridge.http.get(wrong))
    else:
        bridge.service.arm(fault)
        told = bridge.redirected(bridge.wish())
        bridge.service.disarm()
    error = "server_error" if fault.startswith("token") else "access_denied"
    assert told == {"error": error, "state": "a state", "iss": bridge.origin}


def test_a_cookie_of_the_token_endpoint_goes_to_no_other_user(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    site = httpserver.url_for("").rstrip("/")
    httpserver.no_handler_status_code = 404
    httpserver.expect_request("/mcp").respond_with_data("", 401)
    httpserver.expect_request("/.well-known/oauth-authorization-server").respond_with_json(
        {
            "issuer": site,
            "authorization_endpoint": f"{site}/authorize",
            "token_endpoint": f"{site}/token",
            "registration_endpoint": f"{site}/register",
            "code_challenge_methods_supported": ["S256"],
        }
    )
    httpserver.expect_request("/register").respond_with_json(
        {"client_id": "a-bridge", "token_endpoint_auth_method": "none"}, 201
    )
    httpserver.expect_request("/token").respond_with_json(
        {"access_token": "a-token", "token_type": "bearer"},
        headers={"set-cookie": "session=whose; Path=/"},
    )
    with bridge_process(f"{site}/mcp", tmp_path / "bridge.sqlite") as (url, _):
        bridge = url.removesuffix("/mcp")
        for _ in range(2):
            with httpx.Client(trust_env=False, base_url=bridge) as http:
                client = http.post("/register", json={"redirect_uris": [CALLBACK]}).json()
                asked = {
                    "response_type": "code",
                    "client_id": client["client_id"],
                    "redirect_uri": CALLBACK,
                    "code_challenge": CHALLENGE,
                    "code_challenge_method": "S256",
                }
                led = http.get("/authorize", params=asked).headers["location"]
                state = dict(parse_qsl(urlsplit(led).query))["state"]
                back = http.get("/callback", params={"code": "a-code", "state": state})
                assert "code=" in back.headers["location"]
    requests = [request for request, _ in httpserver.log if request.path == "/token"]
    assert len(requests) == 2
    assert not any("cookie" in request.headers for request in requests)
