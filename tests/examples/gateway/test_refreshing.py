"""Connections of the gateway through their life: refresh, rotation, refusal, restart, processes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from gatewaying import LIFETIME, Gatewayed, gatewayed, gatewaying, serviced
from peers.postgres import postgres


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatewayed]:
    with gatewayed(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@pytest.fixture
def gateway(shared: Gatewayed) -> Gatewayed:
    return shared.afresh("ada", "ben")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@contextmanager
def several(folder: Path, *options: str) -> Iterator[list[Gatewayed]]:
    """Run gateways on one database."""
    with serviced() as service, ExitStack() as stack:
        yield [stack.enter_context(gatewaying(service, folder, *options)) for _ in range(2)]


def at_once(gateways: list[Gatewayed], users: list[str], calls: int) -> list[int]:
    asked = [(gateway, user) for gateway in gateways for user in users] * calls
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = pool.map(lambda who: who[0].call(who[1]), asked)
        return [answer.status_code for answer in answers]


def test_many_calls_at_once_refresh_once_and_each_rotation_is_kept(gateway: Gatewayed) -> None:
    for refreshes in (1, 2, 3):
        gateway.service.clock.advance(LIFETIME + 1)
        assert at_once([gateway], ["ada"], 20) == [200] * 20
        assert gateway.asked("refresh_token") == [200] * refreshes
    assert not gateway.asked("authorization_code")


def test_a_token_is_refreshed_before_it_ends(tmp_path: Path) -> None:
    with serviced(expires_in=2) as service, gatewaying(service, tmp_path) as gateway:
        service.clock.stop()  # there, the token never ends
        gateway.connect("ada")
        while not gateway.asked("refresh_token"):
            assert gateway.call("ada").status_code == 200
        assert 401 not in gateway.asked("initialize")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_gateways_on_one_database_refresh_once(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    options = ("--database", request.getfixturevalue("server")) * (database == "postgresql")
    with several(tmp_path, *options) as gateways:
        first, second = gateways
        users = ["ada", "ben", "user-0"]
        first.connect("ada", "ben")
        second.connect("user-0")
        for refreshes in (1, 2, 3):
            first.service.clock.advance(LIFETIME + 1)
            assert at_once(gateways, users, 5) == [200] * 30
            assert first.asked("refresh_token") == [200] * 3 * refreshes
        assert first.user("ada").delete("/connections/atlassian").status_code == 204
        assert second.call("ada").status_code == 409
        told = first.consent("ada", first.wish("ada"))
        assert second.back("ada", told).status_code == 200
        assert first.call("ada").status_code == 200


@pytest.mark.parametrize("fault", ["invalid-grant", "refresh-token-used"])
def test_a_refresh_that_is_refused_for_good_ends_the_connection(
    gateway: Gatewayed, fault: str
) -> None:
    gateway.service.clock.advance(LIFETIME + 1)
    gateway.service.arm(fault)
    assert at_once([gateway], ["ada"], 10) == [409] * 10
    assert len(gateway.asked("refresh_token")) == 1
    passed = len(gateway.service.journal)
    assert gateway.call("ada").json()["error"] == "reconnect"
    assert len(gateway.service.journal) == passed
    gateway.service.disarm()
    gateway.connect("ada")
    assert gateway.call("ada").status_code == 200


def test_a_fresh_token_that_is_refused_too_ends_the_connection(gateway: Gatewayed) -> None:
    gateway.service.arm("unauthorized")
    assert gateway.call("ada").status_code == 409
    assert gateway.asked("initialize") == [401, 401]
    assert gateway.asked("refresh_token") == [200]
    passed = len(gateway.service.journal)
    assert gateway.call("ada").status_code == 409
    assert len(gateway.service.journal) == passed


@pytest.mark.parametrize(
    ("fault", "status"), [("token-error", 502), ("token-html", 503), ("token-rate-limited", 503)]
)
def test_a_failure_that_passes_keeps_the_connection(
    gateway: Gatewayed, fault: str, status: int
) -> None:
    gateway.service.clock.advance(LIFETIME + 1)
    assert gateway.call("ben").status_code == 200
    gateway.service.arm(fault)
    assert gateway.call("ada").status_code == status
    assert len(gateway.asked("refresh_token")) == 2
    assert gateway.call("ben").status_code == 200
    gateway.service.disarm()
    assert gateway.call("ada").status_code == 200


def test_a_refresh_that_takes_longer_than_a_user_waits_is_kept(tmp_path: Path) -> None:
    with gatewayed(tmp_path, "--timeout", "1") as gateway:
        gateway.connect("ada", "ben")
        gateway.service.clock.advance(LIFETIME + 1)
        assert gateway.call("ben").status_code == 200
        gateway.service.arm("token-slow:seconds=2", user="ada")
        answer = gateway.call("ada")
        assert (answer.status_code, answer.json()["error"]) == (504, "timeout")
        assert gateway.call("ben").status_code == 200
        gateway.connect("user-0")
        while (answer := gateway.call("ada")).status_code == 504:
            pass
        assert answer.status_code == 200
        assert gateway.asked("refresh_token") == [200, 200]


def test_a_lost_answer_to_a_refresh_does_not_loop(gateway: Gatewayed) -> None:
    gateway.service.clock.advance(LIFETIME + 1)
    gateway.service.arm("rotation-lost")
    assert gateway.call("ada").status_code == 502
    assert len(gateway.asked("refresh_token")) == 1
    gateway.service.disarm()
    assert gateway.call("ada").json()["error"] == "reconnect"
    assert len(gateway.asked("refresh_token")) == 2
    gateway.connect("ada")
    assert gateway.call("ada").status_code == 200


def test_a_restart_keeps_connections_and_authorizations_under_way(tmp_path: Path) -> None:
    with serviced() as service:
        with gatewaying(service, tmp_path) as gateway:
            gateway.connect("ada")
            told = gateway.consent("ben", gateway.wish("ben"))
        with gatewaying(service, tmp_path) as gateway:
            assert gateway.back("ben", told).status_code == 200
            assert gateway.call("ben").status_code == 200
            service.clock.advance(LIFETIME + 1)
            assert gateway.call("ada").status_code == 200
            assert gateway.asked("refresh_token") == [200]


def test_a_refresh_under_way_is_kept_by_a_gateway_that_ends(tmp_path: Path) -> None:
    with serviced() as service, ThreadPoolExecutor(1) as pool:
        with gatewaying(service, tmp_path) as gateway:
            gateway.connect("ada")
            service.clock.advance(LIFETIME + 1)
            service.arm("token-slow:seconds=1")
            broken_off = pool.submit(gateway.call, "ada")
            while not gateway.asked("refresh_token"):
                assert not broken_off.done()
        service.disarm()
        with gatewaying(service, tmp_path) as gateway:
            assert gateway.call("ada").status_code == 200
            assert gateway.asked("refresh_token") == [200]
        assert broken_off.exception() is not None or broken_off.result().status_code == 200


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with serviced() as service:
        with gatewaying(service, tmp_path) as gateway:
            gateway.connect("ada")
        (tmp_path / "gateway.key").unlink()
        with gatewaying(service, tmp_path) as gateway:
            assert gateway.call("ada").status_code == 409
            gateway.connect("ada")
            assert gateway.call("ada").status_code == 200
