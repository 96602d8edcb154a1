import pytest
from pydantic import JsonValue

from comparing import judged


def answer(status: int) -> JsonValue:
    return {"status": status, "media_type": None, "body": None}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["sse"], ["streamable"], {"transport.no-sse": "risky"}),
        (["streamable"], ["sse"], {"transport.no-streamable": "breaking"}),
        (["sse", "streamable"], ["streamable"], {"transport.no-sse": "risky"}),
        (["streamable"], ["sse", "streamable"], {}),
        (["sessionless", "streamable"], ["streamable"], {"transport.no-sessionless": "risky"}),
    ],
)
def test_the_transports(
    before: list[JsonValue], after: list[JsonValue], expected: dict[str, str]
) -> None:
    assert judged("transport.kinds", before, after) == expected


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("sse.post", 404, 405, {"transport.fallback": "cosmetic"}),
        ("sse.post", 404, 500, {"transport.fallback": "breaking"}),
        ("message.answer", 202, 200, {"transport.message.answer": "cosmetic"}),
        ("message.answer", 202, 404, {"transport.message.answer": "breaking"}),
        ("notification", 202, 204, {"transport.notification": "cosmetic"}),
        ("notification", 202, 400, {"transport.notification": "breaking"}),
        ("get", 200, 405, {"transport.no-listening": "cosmetic"}),
        ("get", 405, 200, {}),
        ("get", 405, 500, {"transport.get": "risky"}),
        ("unknown_session", 404, 400, {"transport.unknown-session": "risky"}),
        ("unknown_session", 400, 404, {"transport.unknown-session": "cosmetic"}),
        ("unknown_session", 404, 401, {"transport.unknown-session": "breaking"}),
        ("wrong_accept", 406, 400, {"transport.wrong_accept": "cosmetic"}),
    ],
)
def test_answers(what: str, before: int, after: int, expected: dict[str, str]) -> None:
    assert judged(f"transport.{what}", answer(before), answer(after)) == expected
    assert judged(f"transport.{what}", answer(before), answer(before)) == {}


def test_where_to_post_may_differ_but_not_the_origin() -> None:
    at = "transport.endpoint"
    here, there = "/v1/sse/message?sessionId={id}", "/messages/?session_id={id}"
    assert judged(at, here, there) == {}
    assert judged(at, here, f"https://x.example.com{there}") == {at: "risky"}


@pytest.mark.parametrize("what", ["ways", "client.editor 1", "session_id.place"])
def test_what_may_differ(what: str) -> None:
    assert judged(f"transport.{what}", "query", "header") == {}
