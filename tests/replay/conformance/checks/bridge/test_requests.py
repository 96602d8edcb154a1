"""Which answers to odd requests a bridge may give."""

from collections.abc import Mapping

import pytest

from play import call, failure, initialize, initialized, result
from trials import TARGET, Trial
from wiretape.replay.conformance.checks.bridge.requests import FAMILY
from wiretape.replay.conformance.verdict import Outcome

JUDGES = {check.id.removeprefix("request."): check.judge for check in FAMILY.checks}
MCP = f"{TARGET}/mcp"
JSON = {"content-type": "application/json"}


def posted(
    step: str,
    status: int,
    answer: object = None,
    *,
    body: object = None,
    sent: Mapping[str, str] | None = None,
    given: Mapping[str, str] = JSON,
) -> Trial:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized())
    trial.step(step)
    asked = trial.post(MCP, call(1, "ping") if body is None else body, sent)
    trial.answer(asked, answer, status=status, headers=given)
    return trial


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (406, "application/json", "pass"),
        (400, "application/json", "pass"),
        (200, "application/json", "pass"),
        (200, "text/event-stream", "fail"),
        (500, "application/json", "fail"),
    ],
)
def test_whoever_accepts_json_only(status: int, kind: str, outcome: Outcome) -> None:
    sent, given = {"accept": "application/json"}, {"content-type": kind}
    trial = posted("Accept of one type, or none", status, sent=sent, given=given)
    assert JUDGES["accept-less"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("check", "step"),
    [("accept", "Accept of both types"), ("accept-any", "Accept of any type")],
)
def test_whoever_accepts_both_is_answered(check: str, step: str) -> None:
    assert JUDGES[check](posted(step, 200, result(1)).evidence).outcome == "pass"
    assert JUDGES[check](posted(step, 406, failure(1)).evidence).outcome == "fail"
    assert JUDGES[check](posted(step, 200, failure(1)).evidence).outcome == "fail"
    assert JUDGES[check](Trial().evidence).outcome == "untestable"


def test_that_any_type_is_taken_is_no_must() -> None:
    severities = {check.id: check.severity for check in FAMILY.checks}
    assert severities["request.accept"] == "MUST"
    assert severities["request.accept-any"] == "SHOULD"


@pytest.mark.parametrize(
    ("check", "step", "good", "bad"),
    [
        ("content-type", "text/plain", (400, 415), (200, 403, 500)),
        ("no-json", "no JSON", (400, 422), (200, 202, 500)),
        ("no-message", "JSON that is no message", (400,), (200, 202, 500)),
    ],
)
def test_what_is_refused(
    check: str, step: str, good: tuple[int, ...], bad: tuple[int, ...]
) -> None:
    for status in good:
        assert JUDGES[check](posted(step, status).evidence).outcome == "pass"
    for status in bad:
        assert JUDGES[check](posted(step, status).evidence).outcome == "fail"
    assert JUDGES[check](Trial().evidence).outcome == "untestable"


def test_what_is_no_json_is_a_parse_error() -> None:
    step = "no JSON"
    wrong = posted(step, 400, failure(None, -32600)).evidence
    assert (
        JUDGES["parse-error"](posted(step, 400, failure(None, -32700)).evidence).outcome == "pass"
    )
    assert JUDGES["parse-error"](wrong).outcome == "fail"
    assert JUDGES["parse-error"](posted(step, 400).evidence).outcome == "fail"


@pytest.mark.parametrize(
    ("version", "status", "answered", "outcome"),
    [
        ("2025-06-18", 400, 0, "pass"),
        ("2025-06-18", 200, 2, "fail"),
        ("2025-03-26", 200, 2, "pass"),
        ("2025-03-26", 200, 1, "fail"),
        ("2025-03-26", 400, 0, "pass"),
        ("2025-03-26", 500, 0, "fail"),
    ],
)
def test_batches(version: str, status: int, answered: int, outcome: Outcome) -> None:
    trial = Trial()
    trial.answer(trial.post(MCP, initialize()), initialized(version=version))
    trial.step("a batch")
    batch = trial.post(MCP, [call(1, "ping"), call(2, "ping")])
    trial.answer(batch, [result(each + 1) for each in range(answered)], status=status)
    assert JUDGES["batch"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (200, "text/event-stream", "pass"),
        (405, None, "pass"),
        (200, "text/html", "fail"),
        (404, None, "fail"),
    ],
)
def test_a_stream_or_none(status: int, kind: str | None, outcome: Outcome) -> None:
    trial = posted("another", 200)
    trial.step("GET")
    trial.answer(trial.listen(MCP), status=status, headers={"content-type": kind})
    assert JUDGES["get"](trial.evidence).outcome == outcome


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (400, failure(None), "pass"),
        (404, None, "pass"),
        (200, result(1), "pass"),
        (200, None, "fail"),
        (401, None, "fail"),
        (500, None, "fail"),
    ],
)
def test_a_newer_client_gets_on(status: int, answer: object, outcome: Outcome) -> None:
    trial = posted("server/discover", status, answer, body=call(1, "server/discover"))
    trial.step("initialize")
    trial.answer(trial.post(MCP, initialize()), initialized())
    assert JUDGES["discover"](trial.evidence).outcome == outcome
