"""Whatever a service answers, a step ends, within its bound, and raises nothing but StepError."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paper import HELLO, ORIGIN, START, URL, Play, connected, event, known
from wiretape.recorder.probe.known import Code, Invocation, Known, Session
from wiretape.recorder.probe.plan import all_steps
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Answer, Ask, StepError

SECONDS = st.one_of(st.integers(-10, 10_000), st.floats(), st.text(max_size=3), st.none())
URLS = st.sampled_from(
    ["/mcp", "//other.example/x", f"{ORIGIN}/token", "http://[::1", "", "file:///x", "\ud800", "é"]
) | st.text(max_size=20)
TEXTS = st.text(max_size=20) | st.sampled_from(["a:1:x", "\ud800", "none", "S256"])
DOCUMENTS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "access_token": TEXTS,
            "refresh_token": TEXTS | st.none(),
            "expires_in": SECONDS,
            "scope": TEXTS,
            "client_id": TEXTS,
            "client_secret": TEXTS,
            "token_endpoint_auth_method": TEXTS,
            "resource": URLS,
            "authorization_servers": st.lists(URLS, max_size=4),
            "authorization_endpoint": URLS,
            "token_endpoint": URLS,
            "error": TEXTS,
        },
    ),
    st.fixed_dictionaries(
        {"jsonrpc": st.just("2.0"), "id": st.sampled_from([1, 2, 3, "x", None])},
        optional={
            "result": st.sampled_from(
                [
                    HELLO,
                    {"protocolVersion": 7},
                    {"tools": [{"name": "a", "annotations": {"readOnlyHint": 1}}, None, []]},
                    {"tools": {}, "nextCursor": "x"},
                    [],
                ]
            ),
            "error": st.sampled_from([{"code": -1, "message": "\x1b[31m"}, {"code": "x"}, 7]),
        },
    ),
)
BODIES = st.one_of(
    st.binary(max_size=30),
    DOCUMENTS.map(lambda found: json.dumps(found).encode()),
    st.just(b"[" * 2000),
)
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("location"), URLS),
        st.tuples(st.just("mcp-session-id"), TEXTS),
        st.tuples(st.just("www-authenticate"), st.sampled_from(['Bearer scope="a', "Basic", '="'])),
    ),
    max_size=3,
).map(tuple)
EVENTS = st.lists(
    st.builds(
        event, BODIES, st.sampled_from([None, b"endpoint", b"message"]), st.none() | st.binary()
    ),
    max_size=3,
).map(tuple)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([200, 200, 201, 202, 301, 302, 307, 400, 401, 404, 405, 500]),
    headers=HEADERS,
    at=st.just(START),
    body=BODIES,
    events=EVENTS,
)
REPLIES = st.one_of(ANSWERS, ANSWERS, ANSWERS, st.just(StepError("nothing came")))
LANDINGS = st.dictionaries(st.sampled_from(["code", "error", "state"]), TEXTS, max_size=3)


class Anything(Play):
    """A service that answers anything."""

    def reply_with(self, replies: list[Answer | StepError]) -> "Anything":
        self.replies = replies
        return self

    def _answer(self, ask: Ask) -> Answer:
        reply = self.replies[len(self.asks) % len(self.replies)]
        if isinstance(reply, StepError):
            raise reply
        return replace(reply, at=self.now, stream=1 if ask.keep and reply.events else None)

    def _receive(self, stream: int) -> Any:
        reply = self.replies[len(self.asks) % len(self.replies)]
        if isinstance(reply, StepError):
            raise reply
        return reply.events


def everything(transport: str, *, active: bool, headless: bool) -> Known:
    """Know all that any step needs."""
    found = connected(
        active=active,
        headless=headless,
        max_wait=10_000,
        calls=(Invocation("a", "{}"),) if active else (),
    )
    found.code = Code("c", "v")
    if transport == "sse":
        found.transport = "sse"
        found.session = Session("sse", f"{ORIGIN}/message?sessionId=1", stream=1)
    elif transport == "sessionless":
        found.transport = "sessionless"
        found.session = Session("sessionless", URL, version="2026-07-28")
    return found


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.id)
@given(
    replies=st.lists(REPLIES, min_size=1, max_size=8),
    landed=LANDINGS,
    transport=st.sampled_from(["streamable", "sse", "sessionless"]),
    active=st.booleans(),
    headless=st.booleans(),
)
def test_a_step_ends_whatever_is_answered(
    step: Step,
    replies: list[Answer | StepError],
    landed: dict[str, str],
    transport: str,
    *,
    active: bool,
    headless: bool,
):
    found = everything(transport, active=active, headless=headless)
    play = Anything(found, {}, landing=lambda _: landed).reply_with(replies).run(step)
    assert all(isinstance(ask.body, bytes) for ask in play.asks)
    assert all(ask.label.isascii() for ask in play.asks)


@given(replies=st.lists(REPLIES, min_size=1, max_size=40), landed=LANDINGS)
def test_a_whole_walk_ends_whatever_is_answered(
    replies: list[Answer | StepError], landed: dict[str, str]
):
    found = known(active=True, headless=True, max_wait=10_000)
    for step in all_steps():
        if all(found.has(need) for need in step.needs):
            Anything(found, {}, landing=lambda _: landed).reply_with(replies).run(step)
