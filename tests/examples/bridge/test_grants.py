"""Grants of the bridge through their whole life: refresh, rotation, refusal, restart, users."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridging import LIFETIME, PROFILES, Bridged, bridged, bridging, text
from misbehaving import told
from wiretape.replay.background import replayed


@pytest.fixture(scope="module", params=PROFILES)
def bridge(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bridged]:
    with bridged(tmp_path_factory.mktemp("bridge"), request.param) as client:
        yield client


@pytest.fixture
def client(bridge: Bridged) -> Bridged:
    return bridge.afresh()


def at_once(client: Bridged, calls: int) -> list[int]:
    with ThreadPoolExecutor(calls) as pool:
        answers = list(pool.map(client.call, range(1, calls + 1)))
    assert [told(answer)["id"] for answer in answers] == [*range(1, calls + 1)]
    return [answer.status_code for answer in answers]


def test_many_calls_at_once_refresh_once_and_each_rotation_is_kept(client: Bridged) -> None:
    client.begin()
    for refreshes in (1, 2, 3):
        client.service.clock.advance(LIFETIME + 1)
        assert at_once(client, 20) == [200] * 20
        assert client.asked("refresh_token") == [200] * refreshes


def test_clients_refresh_again_and_again(client: Bridged) -> None:
    client.begin()
    seen = set()
    for refreshes in (1, 2, 3):
        client.service.clock.advance(LIFETIME + 1)
        answer = client.refresh()
        assert answer.headers["cache-control"] == "no-store"
        client.take(answer)
        assert LIFETIME - 65 < client.tokens["expires_in"] <= LIFETIME - 60
        seen |= {client.tokens["access_token"], client.tokens["refresh_token"]}
        assert client.asked("refresh_token") == [200] * refreshes
        assert text(client.call())
    assert len(seen) == 6


def test_refreshes_at_once_ask_upstream_once_and_all_work(client: Bridged) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: client.refresh(), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert client.asked("refresh_token") == [200]
    for answer in (answers[0], answers[-1]):
        client.take(answer)
        assert client.begin().status_code == 200
    client.take(client.refresh())


def test_a_refresh_token_that_was_used_long_ago_ends_the_grant(client: Bridged) -> None:
    first = client.tokens
    client.take(client.refresh())
    client.take(client.refresh())
    client.begin()
    client.tokens, newest = first, client.tokens
    assert client.refresh().json()["error"] == "invalid_grant"
    client.tokens = newest
    assert client.refresh().json()["error"] == "invalid_grant"
    assert client.call().status_code == 401


@pytest.mark.parametrize("fault", ["invalid-grant", "refresh-token-used", "unauthorized"])
def test_what_the_upstream_refuses_for_good_makes_the_client_authorize_again(
    client: Bridged, fault: str
) -> None:
    client.begin()
    client.service.clock.advance(LIFETIME + 1)
    client.service.arm(fault)
    refused = client.call()
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_token"
    assert "resource_metadata=" in refused.headers["www-authenticate"]
    assert len(client.asked("refresh_token")) == 1
    assert client.call().status_code == 401
    assert client.refresh().json()["error"] == "invalid_grant"
    assert len(client.asked("refresh_token")) == 1
    client.service.disarm()
    client.grant()
    client.begin()
    assert text(client.call())


def test_a_lost_answer_to_a_refresh_does_not_loop(client: Bridged) -> None:
    client.begin()
    client.service.clock.advance(LIFETIME + 1)
    client.service.arm("rotation-lost")
    assert client.call().status_code == 502
    assert len(client.asked("refresh_token")) == 1
    client.service.disarm()
    again = client.call()
    assert again.status_code in {200, 401}
    assert len(client.asked("refresh_token")) == 2
    if again.status_code == 401:
        client.grant()
        client.begin()
    assert text(client.call())


@pytest.mark.parametrize(
    ("fault", "status"),
    [("token-error", 503), ("token-html", 503), ("token-rate-limited", 429)],
)
def test_a_failure_that_passes_keeps_the_grant(client: Bridged, fault: str, status: int) -> None:
    client.service.arm(fault)
    failed = client.refresh()
    assert (failed.status_code, failed.json()["error"]) == (status, "temporarily_unavailable")
    assert ("retry-after" in failed.headers) == (status == 429)
    client.service.disarm()
    client.take(client.refresh())
    client.begin()
    assert text(client.call())


def test_an_unreachable_service_has_a_name(tmp_path: Path) -> None:
    with bridged(tmp_path, granted=False) as client:
        client.service.arm("connection-refused")
        client.client = client.register().json()
        assert client.redirected(client.wish())["error"] == "temporarily_unavailable"
        client.service.disarm()
        client.grant()
        client.begin()
        client.service.arm("connection-refused")
        failed = client.call()
        assert failed.status_code == 502
        assert failed.json()["error"]["message"].startswith("the connection to the upstream failed")


def test_a_restart_keeps_grants_and_the_registration_and_ends_sessions(tmp_path: Path) -> None:
    with replayed(PROFILES[1]) as service:
        with bridging(service, tmp_path) as client:
            client.grant()
            client.begin()
            kept, port = client, client.origin.rpartition(":")[2]
        with bridging(service, tmp_path, "--port", port) as client:
            client.client, client.tokens, client.headers = kept.client, kept.tokens, kept.headers
            assert client.call().status_code == 404
            client.begin()
            assert text(client.call())
            client.take(client.refresh())
            client.grant()
            registered = [each for each in service.journal if each.role == "registration"]
            assert len(registered) == 1


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
def test_a_revoked_grant_is_over(client: Bridged, kind: str) -> None:
    client.begin()
    form = {"client_id": client.client["client_id"], "token": client.tokens[kind]}
    assert client.http.post(f"{client.origin}/revoke", data=form).status_code == 200
    assert client.call().status_code == 401
    assert client.refresh().json()["error"] == "invalid_grant"
    offered = any(entry.role == "revocation" for entry in client.service.journal)
    assert offered == ("revocation" in str(client.service.env()).lower())


def test_a_service_that_forgot_the_bridge_is_registered_at_anew(client: Bridged) -> None:
    client.service.restart()
    assert client.refresh().json()["error"] == "invalid_grant"
    client.grant()
    client.begin()
    assert text(client.call())


def test_users_are_never_mixed(client: Bridged) -> None:
    users = []
    for _ in range(3):
        client.grant()
        client.begin()
        users.append((client.headers["authorization"], client.headers["mcp-session-id"]))
    for owner, (_, session) in enumerate(users):
        for user, (token, _) in enumerate(users):
            client.headers |= {"authorization": token, "mcp-session-id": session}
            assert client.call().status_code == (200 if user == owner else 404)


@pytest.mark.parametrize("options", [(), ("--signed-jwt",)])
def test_nothing_secret_is_left_lying_about(tmp_path: Path, options: tuple[str, ...]) -> None:
    with bridged(tmp_path, PROFILES[1], *options) as client:
        client.begin()
        client.take(client.refresh())
        client.call()
        log = client.log.read_text()
        stored = (tmp_path / "bridge.sqlite").read_bytes()
        held = [*client.tokens.values(), client.client["client_id"]]
        for secret in (each for each in held if isinstance(each, str) and len(each) > 20):
            if secret != client.tokens["scope"]:
                assert secret not in log
                assert secret.encode() not in stored
        for name in ("code=", "state=", "Bearer", "access_token", "refresh_token"):
            assert name not in log
        for path in ("bridge.sqlite", "bridge.key"):
            assert (tmp_path / path).stat().st_mode & 0o777 == 0o600
