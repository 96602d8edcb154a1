"""Whether a browser lets a page go on is judged as WHATWG Fetch has it."""

import pytest

from trials import TARGET, Trial
from wiretape.replay.conformance.config import PAGE as ORIGIN
from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.terms.browsing import (
    forbidden,
    hidden,
    preflight,
    unreadable,
)

OPEN = {"access-control-allow-origin": "*"}
NAMED = OPEN | {"access-control-allow-headers": "Authorization, content-type"}


def asked(given: dict[str, str], *headers: str, status: int = 204) -> Turn:
    trial = Trial()
    number = trial.request("OPTIONS", f"{TARGET}/mcp", headers=preflight(ORIGIN, "POST", *headers))
    trial.answer(number, status=status, headers=given)
    return trial.evidence.down[0]


@pytest.mark.parametrize(
    ("given", "headers", "status", "why"),
    [
        (NAMED, ("authorization", "content-type"), 204, None),
        (OPEN, (), 200, None),
        ({}, (), 204, "no access-control-allow-origin"),
        ({"access-control-allow-origin": "https://other.example"}, (), 204, "allow-origin: https"),
        (NAMED, ("authorization",), 401, "the preflight was answered 401"),
        (NAMED, ("authorization",), 307, "the preflight was answered 307"),
        (NAMED, ("mcp-session-id",), 204, "the header mcp-session-id is not allowed"),
        (OPEN | {"access-control-allow-headers": "*"}, ("mcp-session-id",), 204, None),
        (OPEN | {"access-control-allow-headers": "*"}, ("authorization",), 204, "authorization"),
        (
            OPEN | {"access-control-allow-headers": "Authorization, *"},
            ("authorization", "x"),
            204,
            None,
        ),
        ({"access-control-allow-origin": ORIGIN}, (), 204, None),
    ],
)
def test_what_a_preflight_allows(
    given: dict[str, str],
    headers: tuple[str, ...],
    status: int,
    why: str | None,
) -> None:
    found = forbidden(asked(given, *headers, status=status))
    assert found is None if why is None else why in (found or "")


def test_methods_that_are_not_simple_must_be_named_in_their_case() -> None:
    trial = Trial()
    for methods in ("GET, POST", "delete", "DELETE, POST", "*"):
        number = trial.request("OPTIONS", f"{TARGET}/mcp", headers=preflight(ORIGIN, "DELETE"))
        allowed = {"access-control-allow-methods": methods}
        trial.answer(number, status=204, headers=OPEN | allowed)
    no = "DELETE is not allowed"
    found = [forbidden(turn) for turn in trial.evidence.down]
    assert found == [no, no, None, None]


@pytest.mark.parametrize(
    ("exposed", "readable"),
    [(None, False), ("Mcp-Session-Id", True), ("*", True), ("x-mcp-session-id", False)],
)
def test_a_page_reads_headers_that_are_exposed(exposed: str | None, readable: bool) -> None:
    given = OPEN if exposed is None else OPEN | {"access-control-expose-headers": exposed}
    turn = asked(given)
    assert hidden(turn) is None
    assert (unreadable(turn, "mcp-session-id") is None) is readable
    assert unreadable(turn, "content-type") is None
    assert unreadable(asked({}), "content-type") is not None
