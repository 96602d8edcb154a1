"""How users connect to the service, and what the gateway refuses meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pytest_httpserver import HTTPServer

from gatewaying import CALLBACK, CLIENT, SECRET, Gatewayed, gatewayed, gatewaying, serviced, site


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatewayed]:
    with gatewayed(tmp_path_factory.mktemp("gateway"), "--timeout", "3") as found:
        yield found


@pytest.fixture
def gateway(shared: Gatewayed) -> Gatewayed:
    return shared.afresh()


def requests(gateway: Gatewayed) -> int:
    """Count what reached the service, but for what browsers asked there."""
    return sum(each.role != "authorization" for each in gateway.service.journal)


def test_the_authorize_url_has_all_that_atlassian_wants(gateway: Gatewayed) -> None:
    first, second = (urlsplit(gateway.wish("ada")) for _ in range(2))
    expected = gateway.service.env()["WIRETAPE_AUTHORIZATION_URL"]
    assert first._replace(query="").geturl() == expected
    asked, again = parse_qs(first.query), parse_qs(second.query)
    for name in ("state", "code_challenge"):
        assert len(asked[name][0]) >= 43
        assert asked.pop(name) != again[name]
    assert asked == {
        "response_type": ["code"],
        "client_id": [CLIENT["client_id"]],
        "redirect_uri": [CALLBACK],
        "scope": ["read:jira-work write:jira-work offline_access"],
        "code_challenge_method": ["S256"],
        "audience": ["api.atlassian.com"],
        "prompt": ["consent"],
    }


def test_a_user_without_a_connection_is_told_where_to_get_one(gateway: Gatewayed) -> None:
    before = requests(gateway)
    for answer in (gateway.tools("ben"), gateway.call("ben")):
        assert answer.status_code == 409
        assert answer.json() == {
            "error": "reconnect",
            "service": "atlassian",
            "authorize": CALLBACK.replace("callback", "authorize"),
        }
    assert requests(gateway) == before


@pytest.mark.parametrize(
    "path",
    [
        "/tools",
        "/resources",
        "/connections",
        "/connections/atlassian/authorize",
        "/connections/atlassian/callback?code=c&state=s",
    ],
)
def test_nobody_is_served_whom_the_proxy_does_not_name(gateway: Gatewayed, path: str) -> None:
    for named in ([], [("x-user", "")], [("x-user", "ada"), ("x-user", "ben")]):
        refused = httpx.get(gateway.url + path, headers=named, trust_env=False)
        assert (refused.status_code, refused.json()) == (401, {"error": "unauthenticated"})


def test_a_server_that_is_not_configured_is_unknown(gateway: Gatewayed) -> None:
    for path in ("/connections/nope/authorize", "/tools?server=nope"):
        answer = gateway.user("ada").get(path)
        assert (answer.status_code, answer.json()) == (404, {"error": "unknown_server"})


def test_each_user_is_connected_to_a_site_of_their_own(gateway: Gatewayed) -> None:
    gateway.connect("ada", "ben")
    for user in ("ada", "ben"):
        assert gateway.call(user).status_code == 200
        (listed,) = gateway.user(user).get("/connections").json()["connections"]
        assert listed["connected"]
        assert site(user)[:8] in listed["site"]
    called = [each for each in gateway.service.journal if each.operation == "tools/call"]
    assert [(each.user, each.site) for each in called] == [("ada", "good"), ("ben", "good")]
    exchanged = gateway.asked("authorization_code")
    assert exchanged == [200, 200]


@pytest.mark.parametrize("told", [{}, {"state": ""}, {"state": "another"}, {"state": "ü" * 99}])
def test_a_wrong_state_is_refused(gateway: Gatewayed, told: dict[str, str]) -> None:
    before = requests(gateway)
    answer = gateway.back("ada", {"code": "a-code"} | told)
    assert (answer.status_code, answer.json()["error"]) == (400, "state")
    assert requests(gateway) == before


def test_a_state_is_good_for_its_user_and_once(gateway: Gatewayed) -> None:
    told = gateway.consent("ada", gateway.wish("ada"))
    assert gateway.back("ben", told).json()["error"] == "state"
    assert requests(gateway) == 0
    assert gateway.back("ada", told).status_code == 200
    before = requests(gateway)
    assert gateway.back("ada", told).json()["error"] == "state"
    assert requests(gateway) == before
    assert gateway.tools("ben").status_code == 409


def test_a_user_who_declines_is_not_connected(gateway: Gatewayed) -> None:
    gateway.service.arm("access-denied")
    told = gateway.consent("ben", gateway.wish("ben"))
    gateway.service.disarm()
    answer = gateway.back("ben", told)
    assert (answer.status_code, answer.json()["error"]) == (400, "declined")
    assert gateway.back("ben", told).json()["error"] == "state"
    assert gateway.tools("ben").status_code == 409


def test_a_code_that_does_not_work_is_told(gateway: Gatewayed) -> None:
    state = parse_qs(urlsplit(gateway.wish("ben")).query)["state"][0]
    answer = gateway.back("ben", {"code": "made-up", "state": state})
    assert (answer.status_code, answer.json()["error"]) == (400, "code_refused")


def test_a_wrong_secret_is_the_gateways_trouble_and_named(tmp_path: Path) -> None:
    wrong = {"client_secret": "another-secret"}
    with gatewayed(tmp_path, oauth_config=wrong) as gateway:
        answer = gateway.back("ada", gateway.consent("ada", gateway.wish("ada")))
        assert answer.status_code == 502
        assert answer.json() == {
            "error": "refused",
            "service": "atlassian",
            "detail": "the token endpoint answered 401: access_denied",
        }


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ("token-error", 502, "failed"),
        ("token-html:status=200", 502, "failed"),
        ("token-rate-limited", 503, "busy"),
        ("token-slow", 504, "timeout"),
        ("connection-reset:role=token", 502, "unreachable"),
    ],
)
def test_a_failing_authorization_server_is_named(
    gateway: Gatewayed, fault: str, status: int, error: str
) -> None:
    told = gateway.consent("ada", gateway.wish("ada"))
    gateway.service.arm(fault)
    answer = gateway.back("ada", told)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["service"] == "atlassian"
    gateway.service.disarm()
    gateway.connect("ada")
    assert gateway.call("ada").status_code == 200


def test_a_configured_site_must_be_the_users(tmp_path: Path) -> None:
    with serviced() as service, gatewaying(service, tmp_path, cloud_id=site("ada")) as gateway:
        gateway.connect("ada")
        answer = gateway.back("ben", gateway.consent("ben", gateway.wish("ben")))
        assert (answer.status_code, answer.json()["error"]) == (502, "no_site")
        assert gateway.call("ada").status_code == 200
        assert gateway.call("ben").status_code == 409


def test_who_disconnects_is_forgotten(gateway: Gatewayed) -> None:
    gateway.connect("ada", "ben")
    for _ in range(2):
        assert gateway.user("ada").delete("/connections/atlassian").status_code == 204
        assert gateway.call("ada").status_code == 409
    assert gateway.call("ben").status_code == 200
    gateway.connect("ada")
    assert gateway.call("ada").status_code == 200


def test_a_grant_is_revoked_where_that_can_be_done(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/revoke", method="POST").respond_with_data("")
    revoking = {"revocation_url": httpserver.url_for("/revoke")}
    with gatewayed(tmp_path, oauth_config=revoking) as gateway:
        gateway.connect("ada")
        for _ in range(2):
            assert gateway.user("ada").delete("/connections/atlassian").status_code == 204
        ((request, _),) = httpserver.log
        assert request.form["client_id"] == CLIENT["client_id"]
        assert request.form["client_secret"] == SECRET
        assert request.form["token"].startswith("eyJ")


def test_a_cookie_of_the_token_endpoint_goes_to_no_other_user(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/token", method="POST").respond_with_json(
        {"access_token": "a-token", "refresh_token": "another", "token_type": "bearer"},
        headers={"set-cookie": "session=whose; Path=/"},
    )
    httpserver.expect_request("/sites").respond_with_json([{"id": "a-site"}])
    issuing = {
        "token_url": httpserver.url_for("/token"),
        "resources_url": httpserver.url_for("/sites"),
    }
    with gatewayed(tmp_path, oauth_config=issuing) as gateway:
        gateway.connect("ada", "ben")
    asked = [request for request, _ in httpserver.log]
    assert [request.path for request in asked] == ["/token", "/sites"] * 2
    assert not any("cookie" in request.headers for request in asked)


def test_nothing_secret_is_left_lying_about(tmp_path: Path) -> None:
    with gatewayed(tmp_path) as gateway:
        told = gateway.consent("ada", gateway.wish("ada"))
        gateway.back("ada", told)
        gateway.call("ada")
        gateway.service.clock.advance(3601)
        gateway.call("ada")
        stored = (tmp_path / "gateway.sqlite").read_bytes()
        log = gateway.log.read_text()
        pending = gateway.wish("ben")
        stored += (tmp_path / "gateway.sqlite").read_bytes()
        state = parse_qs(urlsplit(pending).query)["state"][0]
        for secret in (told["code"], told["state"], state, SECRET):
            assert secret not in log
            assert secret.encode() not in stored
        for name in ("code=", "state=", "Bearer", "access_token", "refresh_token", "eyJ"):
            assert name not in log
        assert b"eyJ" not in stored
        for name in ("gateway.sqlite", "gateway.sqlite.lock", "gateway.key"):
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
