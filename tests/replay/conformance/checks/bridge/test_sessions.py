"""What a session is judged by: its id, and what becomes of calls with another or none."""

import pytest

from play import call, initialize, initialized, note, result
from trials import SERVICE, TARGET, Trial
from wiretape.replay.conformance.checks.bridge.sessions import FAMILY
from wiretape.replay.conformance.checks.bridge.sessions_ended import FAMILY as ENDED
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {
    check.id.removeprefix("session."): check.judge for check in (*FAMILY.checks, *ENDED.checks)
}
MCP = f"{TARGET}/mcp"
UPSTREAM = f"{SERVICE}/mcp"
ID = "0f4f5d2be6a94e6fb3a1c0d7e8f90a1b"


def used() -> Trial:
    """A session in which a call had a result."""
    trial = begun(ID)
    trial.answer(trial.post(MCP, call(1, "ping"), {"mcp-session-id": ID}), result(1))
    return trial


def begun(*ids: str | None) -> Trial:
    trial = Trial()
    for id_ in ids:
        trial.answer(trial.post(MCP, initialize()), initialized(), headers={"mcp-session-id": id_})
    return trial


@pytest.mark.parametrize(
    ("ids", "issued", "form"),
    [
        ((ID, ID[::-1]), "pass", "pass"),
        ((None,), "fail", "untestable"),
        ((ID, ID), "pass", "fail"),
        (("12345678",), "pass", "fail"),
        (("an id with a space in it",), "pass", "fail"),
        ((), "untestable", "untestable"),
    ],
)
def test_ids_are_issued_and_cannot_be_guessed(
    ids: tuple[str | None, ...], issued: Outcome, form: Outcome
) -> None:
    evidence = begun(*ids).evidence
    assert JUDGES["issued"](evidence).outcome == issued
    assert JUDGES["form"](evidence).outcome == form


@pytest.mark.parametrize(
    ("check", "step", "good", "bad"),
    [
        ("required", "no session id", 400, 200),
        ("unknown", "an unknown session id", 404, 400),
        ("version", "an unknown revision", 400, 200),
    ],
)
def test_a_call_that_is_not_as_it_ought_to_be_is_refused(
    check: str, step: str, good: int, bad: int
) -> None:
    for status, outcome in ((good, "pass"), (bad, "fail"), (500, "fail")):
        trial = used()
        trial.step(step)
        trial.answer(trial.post(MCP, call(1, "tools/list")), status=status)
        assert JUDGES[check](trial.evidence).outcome == outcome
    without = begun(None)
    without.step(step)
    without.answer(without.post(MCP, call(1, "tools/list")), status=good)
    assert JUDGES[check](without.evidence).outcome == "untestable"
    assert JUDGES[check](begun(ID).evidence).outcome == "untestable"
    never = begun(ID)
    never.step(step)
    never.answer(never.post(MCP, call(1, "tools/list")), status=good)
    assert JUDGES[check](never.evidence).outcome == "untestable"


@pytest.mark.parametrize(
    ("refused", "then", "outcome"),
    [(404, 200, "pass"), (403, 200, "pass"), (200, 200, "fail"), (404, 404, "fail")],
)
def test_another_users_session_is_refused_and_goes_on(
    refused: int, then: int, outcome: Outcome
) -> None:
    trial = begun(ID)
    trial.step("another user's session")
    trial.answer(trial.post(MCP, call(1, "tools/list")), status=refused)
    assert JUDGES["others"](begun(ID).evidence).outcome == "untestable"
    trial.step("the session as before")
    trial.answer(trial.post(MCP, call(2, "ping")), status=then)
    assert JUDGES["others"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("deleted", "after", "outcome"),
    [
        (204, 404, "pass"),
        (200, 404, "pass"),
        (405, 200, "pass"),
        (204, 200, "fail"),
        (500, 404, "fail"),
    ],
)
def test_delete_ends_a_session_or_is_not_offered(
    deleted: int, after: int, outcome: Outcome
) -> None:
    trial = used()
    trial.step("DELETE")
    trial.answer(trial.request("DELETE", MCP), status=deleted)
    trial.step("after DELETE")
    trial.answer(trial.post(MCP, call(1, "ping")), status=after)
    assert JUDGES["ended"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [(202, None, "pass"), (200, None, "fail"), (202, {}, "fail"), (400, None, "untestable")],
)
def test_a_notification_is_accepted(status: int, body: object, outcome: Outcome) -> None:
    trial = begun(ID)
    trial.answer(trial.post(MCP, note("notifications/initialized")), body, status=status)
    trial.answer(trial.post(MCP, call(1, "ping")), result(1))
    assert JUDGES["notification"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "early", "late", "outcome"),
    [
        (204, False, True, "pass"),
        (204, False, False, "fail"),
        (204, True, False, "pass"),
        (405, False, False, "pass"),
    ],
)
def test_the_session_with_the_service_is_ended(
    status: int, early: bool, late: bool, outcome: Outcome
) -> None:
    def ended() -> None:
        asked = trial.request("DELETE", UPSTREAM, headers={"mcp-session-id": "up"})
        trial.answer(asked, status=204)

    trial = begun(ID)
    opened = trial.post(UPSTREAM, initialize())
    trial.answer(opened, initialized(), headers={"mcp-session-id": "up"})
    if early:
        ended()
    trial.step("DELETE")
    trial.answer(trial.request("DELETE", MCP), status=status)
    if late:
        ended()
    assert JUDGES["ended-upstream"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(("late", "outcome"), [(True, "pass"), (False, "fail")])
def test_a_session_of_http_and_sse_ends_with_its_stream(late: bool, outcome: Outcome) -> None:
    trial = begun(ID)
    stream = trial.listen(f"{SERVICE}/sse")
    trial.stream(stream)
    trial.event(stream, event="endpoint", text="/message?sessionId=abc")
    trial.event(stream, result(1))
    trial.step("DELETE")
    trial.answer(trial.request("DELETE", MCP), status=204)
    if late:
        trial.end(stream, "client abort")
    assert JUDGES["ended-upstream"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("token", "outcome"), [("of-the-owner", "fail"), ("of-the-other", "pass"), (None, "pass")]
)
def test_nobody_acts_for_another(token: str | None, outcome: Outcome) -> None:
    trial = begun(ID)
    own = {"authorization": "Bearer of-the-owner"}
    trial.answer(trial.post(UPSTREAM, initialize(), own), initialized())
    trial.step("another user's session")
    trial.answer(trial.post(MCP, call(1, "tools/list")), result(1, tools=[]))
    if token is not None:
        sent = {"authorization": f"Bearer {token}"}
        if token not in own["authorization"]:  # who begins a session for each call
            trial.answer(trial.post(UPSTREAM, initialize(), sent), initialized())
        there = trial.post(UPSTREAM, call(1, "tools/list"), sent)
        trial.answer(there, result(1, tools=[]))
    assert JUDGES["others-token"](trial.evidence).outcome == outcome
