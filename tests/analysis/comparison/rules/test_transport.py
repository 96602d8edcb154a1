import pytest
from pydantic import JsonValue

from comparing import ids, judged, known
from wiretape.analysis.comparison.compare import compare


def answer(status: int) -> JsonValue:
    return {"status": status, "media_type": None, "body": None}


FAILED = {"answered": 0, "errors": {"-32601": 1}}
ASKED: dict[str, dict[str, JsonValue]] = {
    "sse": {"transport.get": {"status": 405}},
    "streamable": {"transport.sse.post": {"status": 404}},
    "sessionless": {"protocol.method.server/discover": FAILED},
}


@pytest.mark.parametrize(
    ("before", "after", "lacks", "severity"),
    [
        (["sse"], ["streamable"], "sse", "risky"),
        (["streamable"], ["sse"], "streamable", "breaking"),
        (["sse", "streamable"], ["streamable"], "sse", "risky"),
        (["sessionless", "streamable"], ["streamable"], "sessionless", "risky"),
    ],
)
def test_a_transport_that_was_refused(
    before: list[JsonValue], after: list[JsonValue], lacks: str, severity: str
) -> None:
    found = judged("transport.kinds", before, after, also=ASKED[lacks])
    assert found == {f"transport.no-{lacks}": severity}
    assert judged("transport.kinds", before, after) == {}


def test_a_transport_more_is_no_difference() -> None:
    also = {id_: value for asked in ASKED.values() for id_, value in asked.items()}
    assert judged("transport.kinds", ["streamable"], ["sse", "streamable"], also=also) == {}


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        ("sse", {"transport.client.a": {"steps": ["GET mcp → 400"]}}),
        ("sse", {"transport.get": {"status": 200, "stream": True}}),
        ("streamable", {"protocol.method.initialize": FAILED | {"errors": {"-32022": 1}}}),
    ],
)
def test_other_ways_to_refuse(kind: str, also: dict[str, JsonValue]) -> None:
    found = judged("transport.kinds", [kind], ["other"], also=also)
    assert f"transport.no-{kind}" in found


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        ("sse", {"transport.client.a": {"steps": ["POST mcp initialize → 400"]}}),
        ("streamable", {"transport.sse.post": {"status": 202}}),
        ("streamable", {"protocol.method.initialize": {"answered": 0, "refused": 2}}),
    ],
)
def test_what_was_not_asked_for_is_not_seen(kind: str, also: dict[str, JsonValue]) -> None:
    assert judged("transport.kinds", [kind], ["other"], also=also) == {}


def test_what_was_not_asked_for_is_told_as_such() -> None:
    found = compare(
        known({"transport.kinds": ["sse", "streamable"]}),
        known({"transport.kinds": ["streamable"]}),
        {},
    )
    assert [(each.finding, each.title, each.missing_in) for each in found.unseen] == [
        ("transport.kinds", "Whether HTTP+SSE is spoken", "subject")
    ]


def test_what_is_documented_names_all() -> None:
    subject = known({"transport.kinds": ["streamable"]}, standing="documented")
    found = compare(known({"transport.kinds": ["sse"]}), subject, {})
    assert ids(found, "risky") == {"transport.no-sse"}


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
        ("get", 202, 405, {}),
        ("unknown_session", 404, 400, {"transport.unknown-session": "risky"}),
        ("unknown_session", 400, 404, {"transport.unknown-session": "cosmetic"}),
        ("unknown_session", 404, 401, {"transport.unknown-session": "breaking"}),
        ("wrong_accept", 406, 400, {"transport.wrong_accept": "cosmetic"}),
    ],
)
def test_answers(what: str, before: int, after: int, expected: dict[str, str]) -> None:
    assert judged(f"transport.{what}", answer(before), answer(after)) == expected
    assert judged(f"transport.{what}", answer(before), answer(before)) == {}


@pytest.mark.parametrize(
    ("id_", "before", "after"),
    [
        ("transport.notification", answer(200), answer(202)),
        ("transport.unknown_session", answer(400), answer(404)),
        ("registration.status", 200, 201),
        ("refresh.rotates", False, True),
        ("protocol.revisions", {"2025-06-18": "2025-03-26"}, {"2025-06-18": "2025-06-18"}),
    ],
)
def test_where_the_reference_deviates_the_subject_is_not_to_blame(
    id_: str, before: JsonValue, after: JsonValue
) -> None:
    (found,) = compare(known({id_: before}), known({id_: after}), {}).differences
    assert (found.severity, found.requirement, found.clients) == ("cosmetic", None, ())
    assert "The reference deviates" in found.why
    assert found.remedy.startswith("None is needed")


def test_where_to_post_may_differ_but_not_the_origin() -> None:
    at = "transport.endpoint"
    here, there = "/v1/sse/message?sessionId={id}", "/messages/?session_id={id}"
    assert judged(at, here, there) == {}
    assert judged(at, here, f"https://x.example.com{there}") == {at: "risky"}


@pytest.mark.parametrize("what", ["ways", "client.editor 1", "session_id.place"])
def test_what_may_differ(what: str) -> None:
    assert judged(f"transport.{what}", "query", "header") == {}
