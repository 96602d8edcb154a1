"""Whom armed faults strike: conditions, order, chance, and mistakes in saying so."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replayed import Caller, shipped
from wiretape.recorder.errors import UsageError
from wiretape.replay.arming import When, known, parsed, planned
from wiretape.replay.http.messages import Reply
from wiretape.replay.service import Choices

PROFILE = shipped("oauth-streamable")
URL = PROFILE.endpoints.mcp or ""
NOWHERE = URL.replace("/mcp", "/nowhere")
METADATA = URL.replace("/mcp", "/.well-known/oauth-authorization-server")


def caller() -> Caller:
    return Caller(PROFILE, Choices(expires_in=3600))


def struck(a: Caller, times: int, url: str = NOWHERE) -> list[bool]:
    """Ask so often, and tell when an armed `connection-reset` struck."""
    return [a.ask("GET", url).lost is not None for _ in range(times)]


def pattern(times: int, /, **chosen: Any) -> list[bool]:
    a = caller()
    a.service.faults.arm("connection-reset", **chosen)
    return struck(a, times)


def say(a: Caller, token: str, method: str, number: int = 1) -> Reply:
    message = {"jsonrpc": "2.0", "id": number, "method": method}
    return a.post_json(URL, message, {"authorization": f"Bearer {token}"})


COUNTS = st.none() | st.integers(1, 8)


@given(nth=COUNTS, skip=COUNTS, times=COUNTS)
def test_requests_are_counted(nth: int | None, skip: int | None, times: int | None) -> None:
    chosen = {"nth": nth, "skip": skip, "times": times}
    found = pattern(10, **{key: value for key, value in chosen.items() if value is not None})
    could = [n for n in range(1, 11) if nth in {None, n} and n > (skip or 0)]
    assert [n for n, hit in enumerate(found, 1) if hit] == could[:times]


@given(share=st.floats(0.05, 1), seed=st.integers(0, 1 << 32))
def test_a_share_is_the_same_for_the_same_seed(share: float, seed: int) -> None:
    assert pattern(50, share=share, seed=seed) == pattern(50, share=share, seed=seed)


def test_a_share_is_about_that_share_and_differs_by_seed() -> None:
    found = [pattern(400, share=0.25, seed=seed) for seed in range(5)]
    assert all(60 < sum(each) < 140 for each in found)
    assert len({tuple(each) for each in found}) == 5
    assert all(pattern(50, share=1.0))


def test_what_a_fault_draws_does_not_change_whom_it_strikes() -> None:
    a, chosen = caller(), {"share": 0.5, "seed": 3}
    a.service.faults.arm("latency", distribution="uniform", **chosen)
    delayed = [a.ask("GET", NOWHERE).delay > 0 for _ in range(40)]
    assert delayed == pattern(40, **chosen)


def test_the_time_since_arming_counts() -> None:
    a = caller()
    a.clock.advance(1000)
    a.service.faults.arm("connection-reset", since=10, until=20)
    found = []
    for seconds in (0, 9.75, 0.25, 9.75, 0.25):
        a.clock.advance(seconds)
        found += struck(a, 1)
    assert found == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("chosen", "hit"),
    [
        ({"path": "/nowhere"}, {NOWHERE}),
        ({"role": "server-metadata"}, {METADATA}),
        ({"role": "mcp"}, {URL}),
        ({"method": "GET"}, {NOWHERE, METADATA, URL}),
        ({"method": "POST"}, set()),
        ({"role": "mcp", "path": "/nowhere"}, set()),
    ],
)
def test_the_route_and_the_method_count(chosen: dict[str, Any], hit: set[str]) -> None:
    a = caller()
    a.service.faults.arm("connection-reset", **chosen)
    assert {url for url in (NOWHERE, METADATA, URL) if struck(a, 1, url) == [True]} == hit


def test_the_user_counts_for_calls_and_for_refreshes() -> None:
    a = Caller(PROFILE, Choices(users=("ada", "bob")))
    client = a.register()
    tokens = {
        user: json.loads(a.exchange(client, a.code(client, login_hint=user)).body)
        for user in ("ada", "bob")
    }
    a.service.faults.arm("connection-reset", user="bob")
    calls = {user: say(a, told["access_token"], "ping").lost for user, told in tokens.items()}
    assert calls == {"ada": None, "bob": "reset"}
    refreshes = {
        user: a.refresh(client, told["refresh_token"]).lost for user, told in tokens.items()
    }
    assert refreshes == {"ada": None, "bob": "reset"}


def test_the_method_is_that_of_json_rpc_or_a_grant_type_too() -> None:
    a = caller()
    a.service.faults.arm("connection-reset", method="tools/call")
    a.service.faults.arm("connection-reset", method="refresh_token")
    client, tokens = a.granted()
    found = [say(a, tokens["access_token"], name).lost for name in ("tools/list", "tools/call")]
    assert found == [None, "reset"]
    assert a.refresh(client, tokens["refresh_token"]).lost == "reset"


def test_of_two_that_answer_instead_the_first_that_was_armed_does() -> None:
    for first, second, status in (
        ("token-error", "token-rate-limited", 500),
        ("token-rate-limited", "token-error", 429),
    ):
        a = caller()
        armed = [a.service.faults.arm(name) for name in (first, second)]
        client = a.register()
        assert a.refresh(client, "x").status == status
        assert [(each.seen, each.struck) for each in armed] == [(1, 1), (1, 0)]
        assert [*a.service.world.journal][-1].faults == [first]


def test_each_alters_what_those_before_it_left() -> None:
    a = caller()
    names = ("error-instead", "wrong-id", "unknown-notification", "latency")
    for name in names:
        a.service.faults.arm(name)
    a.service.faults.arm("out-of-order", seconds=2)
    _, tokens = a.granted()
    opened = say(a, tokens["access_token"], "initialize")
    session = {"mcp-session-id": opened.header("mcp-session-id") or ""}
    reply = a.post_json(
        URL,
        {"jsonrpc": "2.0", "id": 1, "method": "ping"},
        session | {"authorization": f"Bearer {tokens['access_token']}"},
    )
    said = [json.loads(line[6:]) for line in reply.body.split(b"\n") if line[:5] == b"data:"]
    assert said[0]["method"] == "notifications/unheard_of"
    assert (said[1]["id"], said[1]["error"]["code"]) == ("wrong", -32603)
    assert reply.delay == 1 + 2
    assert [*a.service.world.journal][-1].faults == [*names, "out-of-order"]


def test_one_fault_armed_twice_strikes_by_each() -> None:
    a = caller()
    a.service.faults.arm("connection-reset", nth=2)
    a.service.faults.arm("connection-reset", nth=3)
    assert struck(a, 4) == [False, True, True, False]


def test_disarmed_ones_strike_nobody() -> None:
    a = caller()
    one = a.service.faults.arm("connection-reset", nth=2)
    other = a.service.faults.arm("latency")
    a.service.faults.disarm(one.id)
    assert [armed.id for armed in a.service.faults] == [other.id]
    a.service.faults.disarm_all()
    assert struck(a, 3) == [False] * 3
    with pytest.raises(UsageError, match=f"no fault is armed as {one.id}"):
        a.service.faults.disarm(one.id)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("nope", "no fault is called nope; `wiretape faults` lists them"),
        ("stream_cut", "no fault is called stream_cut; do you mean stream-cut?"),
        ("unauthorized:times=0", "times: Input should be greater than or equal to 1"),
        ("unauthorized:times=often", "times: Input should be a valid integer"),
        ("unauthorized:share=2", "share: Input should be less than or equal to 1"),
        ("unauthorized:role=nobody", "role: Input should be 'mcp'"),
        ("unauthorized:colour=red", "colour is none of its options: nth, skip, times"),
        ("stream-cut:colour=red", "colour is none of its options: after, nth"),
        ("latency:distribution=cauchy", "distribution: Input should be 'fixed', 'uniform' or"),
        ("duplicate-event-ids:id=a\nb", "id: String should match pattern"),
        ("connection-refused:times=1", "times: it is not about requests"),
    ],
)
def test_a_mistake_is_one_line(said: str, error: str) -> None:
    with pytest.raises(UsageError) as raised:
        planned(*parsed(said))
    assert error in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("said", ["unauthorized:times", "latency:seconds=1,often"])
def test_what_has_no_value_is_a_mistake(said: str) -> None:
    with pytest.raises(UsageError, match="say NAME or NAME:key=value,key=value"):
        parsed(said)


def test_no_option_is_called_like_a_condition() -> None:
    for name, fault in known().items():
        assert When.model_fields.keys().isdisjoint(fault.options.model_fields), name


def test_services_know_nothing_of_each_others_faults() -> None:
    one, other = caller(), caller()
    one.service.faults.arm("connection-reset")
    assert (struck(one, 1), struck(other, 1)) == ([True], [False])
