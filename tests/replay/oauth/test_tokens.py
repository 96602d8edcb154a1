import pytest

from wiretape.replay.oauth.tokens import Fate, Grant, Lineages, Rules


def lineages(old_token: Fate = "refused", **more: bool) -> tuple[Lineages, Grant]:
    rules = Rules(lifetime=100, old_token=old_token, grace=10, **more)
    found, grant = Lineages(rules), Grant(1, "client", None)
    found.issue(grant, "access 1", "refresh 1", now=0)
    return found, grant


def refreshed(found: Lineages, token: str, number: int, now: float = 0) -> bool:
    """Spend a refresh token for the tokens of that number; tells if it was good."""
    grant = found.spend(token, "client", now)
    if grant is not None:
        found.issue(grant, f"access {number}", f"refresh {number}", now)
    return grant is not None


def test_an_access_token_is_good_until_its_end() -> None:
    found, _ = lineages()
    assert [found.standing("access 1", now) for now in (0, 99.9, 100)] == [
        "good",
        "good",
        "expired",
    ]
    assert found.standing("another", 0) == "unknown"


def test_a_refused_token_is_spent_at_its_first_use() -> None:
    found, _ = lineages("refused")
    assert refreshed(found, "refresh 1", 2)
    assert not refreshed(found, "refresh 1", 3)
    assert refreshed(found, "refresh 2", 3)


def test_a_token_may_stay_accepted() -> None:
    found, _ = lineages("accepted")
    assert all(refreshed(found, "refresh 1", number) for number in range(2, 6))


def test_the_previous_token_is_good_until_the_newer_is_used() -> None:
    found, _ = lineages("accepted until the newer is used")
    assert refreshed(found, "refresh 1", 2)
    assert refreshed(found, "refresh 1", 3)
    assert refreshed(found, "refresh 3", 4)
    assert not refreshed(found, "refresh 1", 5)
    assert not refreshed(found, "refresh 2", 5)
    assert refreshed(found, "refresh 4", 5)


def test_a_token_may_be_good_for_a_while() -> None:
    found, _ = lineages("accepted for a while")
    assert refreshed(found, "refresh 1", 2, now=5)
    assert refreshed(found, "refresh 1", 3, now=14)
    assert not refreshed(found, "refresh 1", 4, now=15)


def test_without_rotation_the_token_stays() -> None:
    found, _ = lineages("refused", rotates=False)
    assert refreshed(found, "refresh 1", 2)
    assert refreshed(found, "refresh 1", 3)


@pytest.mark.parametrize(("survives", "standing"), [(True, "good"), (False, "superseded")])
def test_what_becomes_of_the_access_token_by_a_refresh(survives: bool, standing: str) -> None:
    found, _ = lineages(access_survives=survives)
    assert refreshed(found, "refresh 1", 2)
    assert found.standing("access 1", 0) == standing
    assert found.standing("access 2", 0) == "good"


def test_a_token_is_good_for_its_client_only() -> None:
    found, _ = lineages()
    assert found.spend("refresh 1", "another client", 0) is None
    assert refreshed(found, "refresh 1", 2)


def test_revoking() -> None:
    found, _ = lineages()
    assert refreshed(found, "refresh 1", 2)
    found.revoke("access 1")
    assert (found.standing("access 1", 0), found.standing("access 2", 0)) == ("revoked", "good")
    found.revoke("refresh 2")
    assert found.standing("access 2", 0) == "revoked"
    assert not refreshed(found, "refresh 2", 3)
