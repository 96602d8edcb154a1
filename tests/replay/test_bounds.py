"""No load fills the memory."""

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayed import CALLBACK, Caller, error, shipped
from wiretape.replay.oauth.authorization import CODE_LIFETIME
from wiretape.replay.oauth.tokens import MOST, REMEMBERED, Grant, Lineages, Rules
from wiretape.replay.recent import Recent
from wiretape.replay.service import Choices


@given(keys=st.lists(st.text(max_size=2)), most=st.integers(1, 5))
def test_the_newest_are_kept(keys: list[str], most: int) -> None:
    recent = Recent[int](most)
    for number, key in enumerate(keys):
        recent[key] = number
    order: dict[str, int] = {}
    for number, key in enumerate(keys):
        order[key] = number
        if len(order) > most:
            del order[next(iter(order))]
    assert list(recent.items()) == list(order.items())


def test_100_000_grants_while_the_clock_goes_on() -> None:
    lineages = Lineages(Rules(lifetime=3300))
    tracemalloc.start()
    held = []
    for number in range(100_000):
        now = number * 10.0
        lineages.issue(Grant(number, "client", None), f"access {number}", f"refresh {number}", now)
        if number % 10_000 == 9_999:
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert len(lineages) <= MOST + (REMEMBERED + 3300) / 10
    assert held[9] < held[4] * 1.3, "twice as many do not take twice the memory"


def test_100_000_grants_while_the_clock_stands() -> None:
    lineages = Lineages(Rules(lifetime=3300))
    for number in range(100_000):
        lineages.issue(Grant(number, "client", None), f"access {number}", f"refresh {number}", 0)
    assert len(lineages) == 2 * MOST
    assert lineages.standing("access 0", 0) == "unknown"
    assert lineages.standing("access 99999", 0) == "good"


def test_a_refresh_token_in_use_is_not_forgotten_for_its_age() -> None:
    lineages = Lineages(Rules(lifetime=10, rotates=False))
    lineages.issue(Grant(0, "client", None), "mine", "my refresh", 0)
    for number in range(2 * MOST):
        lineages.issue(Grant(number, "client", None), f"access {number}", f"refresh {number}", 0)
        if number % 1000 == 0:
            assert lineages.spend("my refresh", "client", 0) is not None


def test_what_has_expired_is_known_to_have_for_a_day() -> None:
    lineages = Lineages(Rules(lifetime=10))
    lineages.issue(Grant(0, "client", None), "old", None, 0)
    for now, standing in ((9 + REMEMBERED, "expired"), (10 + REMEMBERED, "unknown")):
        lineages.issue(Grant(1, "client", None), f"new at {now}", None, now)
        assert lineages.standing("old", now) == standing


def test_codes_and_pages_that_nobody_uses_are_forgotten() -> None:
    caller = Caller(shipped("atlassian-2025-08"))
    client = caller.register()
    for _ in range(200):
        caller.code(client)
        caller.clock.advance(CODE_LIFETIME / 10)
    assert len(caller.service.world.state.codes) <= 21
    asking = Caller(shipped("atlassian-2025-08"), Choices(consent=True))
    client = asking.register()
    for _ in range(1100):
        assert asking.authorize(client).status == 200
    assert len(asking.service.world.state.pending) == 1000


@pytest.mark.parametrize("most", [0, 3])
def test_more_clients_than_can_be_registered(most: int) -> None:
    caller = Caller(shipped("atlassian-2025-08"))
    caller.service.world.state.most_clients = most
    for _ in range(most):
        caller.register()
    endpoint = caller.profile.endpoints.registration or ""
    reply = caller.post_json(endpoint, {"redirect_uris": [CALLBACK]})
    assert (reply.status, error(reply)) == (503, "temporarily_unavailable")
    assert json.loads(reply.body)["error_description"] == (
        f"{most} clients are registered: no more are taken until a reset"
    )


@pytest.mark.parametrize("kept", [0, 3])
def test_the_journal_keeps_as_many_requests_as_told(kept: int) -> None:
    caller = Caller(shipped("atlassian-2026-09"), Choices(journal=kept))
    for _ in range(5):
        caller.post_json(caller.profile.endpoints.mcp or "", {})
    journal = caller.service.world.journal
    assert [entry.number for entry in journal] == [1, 2, 3, 4, 5][5 - kept :]
    assert journal.dropped == 5 - kept
