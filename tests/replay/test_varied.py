"""What clients must not rely on: it varies, it means the same, and a seed brings it back."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_profile import profiles
from misbehaving import STREAMABLE, Client
from replayed import Caller, error, header, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.recorder.wire.sse import EventStream
from wiretape.replay.background import replayed
from wiretape.replay.clock import Clock
from wiretape.replay.edge.serving import running
from wiretape.replay.http.messages import Reply, json_reply
from wiretape.replay.http.origins import origins_of
from wiretape.replay.service import Choices
from wiretape.replay.varied import Variation
from wiretape.replay.varied import varied as varied_profile

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEDS = range(20)
CALLS = [["getVisibleJiraProjects", {"cloudId": "c"}], ["atlassianUserInfo", {}]]
WALK: dict[str, Any] = {"calls": CALLS, "headers": {}, "notifications": False, "refresh": False}
ENDPOINTS = ("registration_endpoint", "authorization_endpoint", "token_endpoint")


@pytest.mark.parametrize(
    ("profile", "transport", "seeds"),
    [("atlassian-2026-09", "streamable-http", SEEDS), ("atlassian-2025-08", "sse", range(3))],
)
def test_a_sound_client_does_not_mind(
    profile: str, transport: str, seeds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.syspath_prepend(EXAMPLES)
    from peers.mcp2_client import Walker

    async def walked(seed: int) -> Any:
        choices = Choices(issuer="consistent", vary=seed)
        async with running(shipped(profile), choices=choices) as at:
            return await Walker(at.urls[0], WALK | {"transport": transport}, handshake=False).run()

    async def all_walked() -> list[Any]:
        return await asyncio.gather(*map(walked, seeds))

    first, *others = asyncio.run(all_walked())
    assert len(first["tools"]) == 24
    assert first["grants"] == ["authorization_code"]
    assert [found for found in others if found != first] == []


def metadata(caller: Caller) -> Reply:
    site = "/".join((caller.profile.endpoints.mcp or "").split("/")[:3])
    return caller.ask("GET", f"{site}/.well-known/oauth-authorization-server")


def varied(seed: int | None) -> Caller:
    return Caller(shipped(STREAMABLE), Choices(vary=seed))


def test_members_of_json_come_in_another_order_and_say_the_same() -> None:
    orders = set()
    for seed in SEEDS:
        told = json.loads(metadata(varied(seed)).body)
        orders.add(tuple(told))
        plain = json.loads(metadata(varied(None)).body)
        assert told.keys() == plain.keys()
        assert {
            key: told[key] for key in told if key not in ENDPOINTS and "endpoint" not in key
        } == {key: plain[key] for key in plain if "endpoint" not in key}
    assert len(orders) > 10


def test_headers_come_in_another_order_and_in_other_cases() -> None:
    plain = dict(metadata(varied(None)).headers)
    orders, spellings = set(), set()
    for seed in SEEDS:
        told = metadata(varied(seed)).headers
        assert {name.lower() for name, _ in told} == plain.keys()
        orders.add(tuple(name.lower() for name, _ in told))
        spellings |= {name for name, _ in told if name.lower() == "content-type"}
    assert len(orders) > 5
    assert spellings == {"content-type", "Content-Type", "CONTENT-TYPE"}


def test_headers_of_one_name_keep_their_order() -> None:
    several = tuple(("www-authenticate", f"Scheme{number}") for number in range(5))
    reply = json_reply(401, {}, *several, ("date", "now"), ("server", "x"))
    for seed in SEEDS:
        told = Variation(seed).of(reply).headers
        values = [value for name, value in told if name.lower() == "www-authenticate"]
        assert values == [value for _, value in several]


def test_cases_of_headers_are_on_the_wire() -> None:
    spellings = set()
    with (
        replayed(STREAMABLE, choices=Choices(vary=1)) as service,
        httpx.Client(trust_env=False, timeout=5) as http,
    ):
        for _ in range(20):
            answer = http.post(service.url)
            spellings |= {name for name, _ in answer.headers.raw if name.lower() == b"date"}
            assert answer.status_code == 401
    assert spellings == {b"date", b"Date", b"DATE"}


def test_endpoints_are_where_the_metadata_says_and_nowhere_else() -> None:
    paths = set()
    for seed in SEEDS:
        caller = varied(seed)
        told = json.loads(metadata(caller).body)
        paths |= {urlsplit(told[name]).path for name in ENDPOINTS}
        usual = caller.profile.endpoints.registration or ""
        assert caller.post_json(usual, {}).status == 404
        here = caller.service.world.profile.endpoints.registration or ""
        assert urlsplit(here).path == urlsplit(told["registration_endpoint"]).path
        assert error(caller.post_json(here, {})) == "invalid_redirect_uri"
    assert len(paths) == len(SEEDS) * len(ENDPOINTS)


def test_tokens_have_other_lengths() -> None:
    plain = len(_issued(None)["access_token"])
    lengths = [len(_issued(seed)["access_token"]) for seed in SEEDS]
    assert min(lengths) >= plain
    assert len(set(lengths)) > 5


def _issued(seed: int | None) -> Any:
    with (
        replayed(STREAMABLE, clock=Clock(1_700_000_000), choices=Choices(vary=seed)) as service,
        httpx.Client(trust_env=False, timeout=5) as http,
    ):
        client = Client(service, http)
        client.grant()
        assert client.begin().status_code == 200
        return client.tokens


def test_streams_are_parted_elsewhere_and_say_the_same() -> None:
    events = [
        b'event: message\ndata: {"id":%d,"result":{"a":"\xc3\xa9","b":2}}\n\n' % n for n in range(9)
    ]
    reply = Reply(200, (("content-type", "text/event-stream"),), b"".join(events))
    partings = set()
    for seed in SEEDS:
        chunks = asyncio.run(_chunks(Variation(seed).of(reply)))
        partings.add(tuple(map(len, chunks)))
        stream = EventStream(1 << 20)
        found = [json.loads(each.data or b"") for chunk in chunks for each in stream.feed(chunk)]
        assert found == [{"id": n, "result": {"a": "é", "b": 2}} for n in range(9)]
    assert len(partings) > 10


async def _chunks(reply: Reply) -> list[bytes]:
    assert reply.stream is not None
    return [chunk async for chunk in reply.stream()]


def test_the_same_seed_brings_all_of_it_back() -> None:
    def session(seed: int) -> list[Reply]:
        caller = varied(seed)
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
        return [metadata(caller), caller.post_json(caller.profile.endpoints.mcp or "", hello)]

    for seed, other in pairwise(SEEDS):
        assert session(seed) == session(seed)
        assert session(seed) != session(other)


def test_what_is_no_json_stays_as_it_is() -> None:
    for body in (b"plain", b'{"a":', b"[1e", b"[" * 100_000, b'{"a": NaN}'):
        assert Variation(1).of(Reply(200, body=body)).body == body


def test_nothing_varies_unasked() -> None:
    one, other = (metadata(varied(None)) for _ in range(2))
    assert one.headers == other.headers
    assert one.body == other.body
    assert header(one, "content-type") == "application/json"


@given(profile=profiles(), seed=st.integers(0, 99))
def test_any_profile_can_be_varied(profile: Profile, seed: int) -> None:
    other = varied_profile(profile, seed)
    assert (other.endpoints.mcp, other.endpoints.sse) == (
        profile.endpoints.mcp,
        profile.endpoints.sse,
    )
    assert origins_of(other) == origins_of(profile)
    assert varied_profile(profile, seed) == other


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_whatever_is_said_is_still_said(value: Any) -> None:
    body = json.dumps(value).encode()
    told = Variation(3).of(Reply(200, (("content-type", "application/json"),), body))
    assert json.loads(told.body) == value
