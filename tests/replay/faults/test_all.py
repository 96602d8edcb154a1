"""What holds for every fault, alone and together with others."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from replayed import Caller, shipped, told
from wiretape.replay.arming import known
from wiretape.replay.http.messages import LostError, Reply
from wiretape.replay.service import Choices

NAMES = sorted(known())
PROFILES = ("oauth-streamable", "atlassian-2025-08")


def caller(profile: str) -> Caller:
    return Caller(shipped(profile), Choices(expires_in=3600))


def story(a: Caller) -> list[Reply]:
    """Go through all that a service can be asked, whatever comes of it."""
    known = a.profile.endpoints
    url, message = known.mcp or known.sse or "", "/v1/sse/message?sessionId="
    replies = [a.ask("GET", place) for place in discovered(a)]
    replies += [a.post_json(known.registration or "", {"redirect_uris": [told_back()]})]
    client = {"client_id": "nobody"} | replies[-1].told
    replies += [a.authorize(client), a.authorize(client, scope=a.profile.token.scope)]
    code = ""
    with suppress(AssertionError, KeyError):
        code = told(replies[-1])["code"]
    replies += [a.exchange(client, code)]
    tokens = replies[-1].told
    replies += [a.refresh(client, tokens.get("refresh_token", "none"))]
    bearer = {"authorization": f"Bearer {tokens.get('access_token', 'none')}"}
    replies += [a.ask("OPTIONS", url), a.ask("POST", url), a.ask("GET", url, headers=bearer)]
    posted = (
        url
        if known.mcp
        else url.replace("/v1/sse", message) + "".join(a.service.world.sessions.open)
    )
    for number, method in enumerate(("initialize", "tools/list", "tools/call", "ping")):
        said = {"jsonrpc": "2.0", "id": number, "method": method, "params": {"name": "add_note"}}
        replies.append(a.post_json(posted, said, bearer))
        session = replies[-1].header("mcp-session-id")
        bearer |= {"mcp-session-id": session} if session else {}
    return replies


def told_back() -> str:
    return "http://127.0.0.1:8765/callback"


def discovered(a: Caller) -> list[str]:
    origin = "/".join((a.profile.endpoints.mcp or a.profile.endpoints.sse or "").split("/")[:3])
    return [f"{origin}/.well-known/oauth-{kind}" for kind in ("authorization-server", "x")]


def shapes(replies: list[Reply]) -> list[Any]:
    """Give all of replies but what is new each time."""
    return [
        (reply.status, sorted(name for name, _ in reply.headers), len(reply.body), reply.delay)
        for reply in replies
    ]


async def read(a: Caller, replies: list[Reply]) -> bytes:
    """Read all streams to their end, which is soon."""
    a.service.close()
    found = b""
    for reply in replies:
        if reply.stream is None:
            continue
        chunks = reply.stream()
        with suppress(LostError, TimeoutError):
            async with asyncio.timeout(0.05):
                async for chunk in chunks:
                    found += chunk
        await chunks.aclose()
    return found


@pytest.mark.parametrize("profile", PROFILES)
def test_the_story_is_always_the_same(profile: str) -> None:
    one, other = story(caller(profile)), story(caller(profile))
    assert shapes(one) == shapes(other)
    assert {200, 201, 302, 401} <= {reply.status for reply in one}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", NAMES)
def test_disarmed_or_armed_for_nobody_it_changes_nothing(name: str, profile: str) -> None:
    a = caller(profile)
    a.service.faults.disarm(a.service.faults.arm(name).id)
    if known()[name].armed is None:
        a.service.faults.arm(name, user="nobody")
        a.service.faults.arm(name, path="/nowhere")
        a.service.faults.arm(name, since=1)
    assert shapes(story(a)) == shapes(story(caller(profile)))
    assert not any(entry.faults for entry in a.service.world.journal)


@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=6),
    profile=st.sampled_from(PROFILES),
    share=st.sampled_from([0.5, 1]),
)
@example(names=["stream-stalled", "proxy-idle-timeout"], profile="oauth-streamable", share=1)
def test_any_of_them_together_break_nothing_here(
    names: list[str], profile: str, share: float
) -> None:
    a = caller(profile)
    for name in names:
        chosen = {} if known()[name].armed else {"share": share}
        a.service.faults.arm(name, **chosen)
    replies = story(a)
    assert all(reply.status >= 200 for reply in replies)
    assert len(asyncio.run(read(a, replies))) < 10_000_000
    struck = {name for entry in a.service.world.journal for name in entry.faults}
    assert struck <= set(names)


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_is(name: str) -> None:
    fault = known()[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert fault.finds.startswith("clients")
    for said in (fault.title, fault.finds):
        assert said == said.strip()
        assert not said.endswith(".")
        assert len(said) < 100
    assert all(each.description for each in fault.options.model_fields.values())


def test_no_two_say_the_same() -> None:
    assert len({fault.title for fault in known().values()}) == len(known())


def test_each_is_shown_by_a_test_of_its_own() -> None:
    here = Path(__file__)
    tests = (file for file in here.parent.glob("test_*.py") if file != here)
    said = "\n".join(file.read_text(encoding="utf-8") for file in tests)
    assert [name for name in NAMES if not re.search(rf'"{name}[":,]', said)] == []
