from typing import Any

import pytest

from comparing import judged, known
from wiretape.analysis.comparison.compare import compare

WORKS = {"answered": 3, "errors": {}}


@pytest.mark.parametrize(
    ("method", "subject", "expected"),
    [
        ("tools/call", {"answered": 0, "errors": {"-32601": 2}}, "breaking"),
        ("resources/list", {"answered": 0, "errors": {"-32601": 2}}, "risky"),
        ("server/discover", {"answered": 0, "errors": {"-32600": 1}}, "cosmetic"),
        ("tools/call", {"answered": 1, "errors": {"-32602": 2}}, None),
        ("tools/call", {"answered": 0, "errors": {}, "refused": 2}, None),
        ("resources/read", {"answered": 0, "errors": {"-32602": 1, "-32002": 1}}, None),
    ],
)
def test_methods(method: str, subject: dict[str, Any], expected: str | None) -> None:
    at = f"protocol.method.{method}"
    assert judged(at, WORKS, subject) == ({at: expected} if expected else {})
    assert judged(at, subject, WORKS) == {}


def test_revisions() -> None:
    at = "protocol.revisions"
    newest = {"2025-06-18": "2025-06-18"}
    older = {"2025-06-18": "2025-03-26"}
    assert judged(at, newest, older) == {"protocol.revision": "risky"}
    assert judged(at, older, newest) == {"protocol.revision": "cosmetic"}
    assert judged(at, newest, {"2025-11-25": "2025-03-26"}) == {}
    assert judged(at, newest, {"2025-06-18": ["2025-03-26", "refused"]}) == {}


def test_capabilities() -> None:
    at = "protocol.capabilities"
    both = {"tools": {"listChanged": True}, "prompts": {}}
    assert judged(at, both, {"prompts": {}}) == {"protocol.capability.tools": "breaking"}
    assert judged(at, both, {"tools": {"listChanged": True}}) == {
        "protocol.capability.prompts": "risky"
    }
    assert judged(at, both, {"tools": {"listChanged": False}, "prompts": {}}) == {
        "protocol.capability.tools.parts": "cosmetic"
    }
    assert judged(at, {"tools": {}}, both) == {}
    assert judged(at, {"experimental": {}}, {}) == {}


def test_capabilities_that_are_told_in_several_ways() -> None:
    at = "protocol.capabilities"
    told = {"tools": {"listChanged": True}}
    assert judged(at, told, [{"tools": {"listChanged": False}}, told]) == {}
    assert judged(at, [told, {}], told) == {}
    assert judged(at, [told, {}], {}) == judged(at, [told, {"tools": {}}], {"tools": {}}) == {}


def test_capabilities_are_compared_in_one_revision() -> None:
    """A revision in which only one of them was opened tells nothing of the other."""
    at, old, new = "protocol.capabilities", "protocol.opening.2025-06-18", "protocol.opening.2026"
    told: dict[str, Any] = {"prompts": {"listChanged": True}}
    less: dict[str, Any] = {"prompts": {"listChanged": False}}
    reference: dict[str, Any] = {
        at: [less, told],
        old: {"capabilities": less},
        new: {"capabilities": told},
    }
    subject: dict[str, Any] = {at: {"prompts": {}}, old: {"capabilities": {"prompts": {}}}}
    assert compare(known(reference), known(subject), {}).differences == ()
    both = subject | {new: {"capabilities": less}}
    (found,) = compare(known(reference), known(both), {}).differences
    assert found.id == "protocol.capability.prompts.parts"
    apart = compare(known({at: told, new: {"capabilities": told}}), known(subject), {})
    assert apart.differences == ()
    assert "What is announced in revision 2026" in {each.title for each in apart.unseen}


def test_messages_that_do_not_conform() -> None:
    at = "protocol.nonconforming"
    wrong = {"by": "server", "method": "tools/list", "what": "tools: missing"}
    assert judged(at, [], [wrong]) == {f"{at}.tools/list": "risky"}
    assert judged(at, [wrong], [wrong | {"count": 2}]) == {}
    assert judged(at, [], [wrong | {"by": "client"}]) == {}


def test_instructions() -> None:
    at = "protocol.instructions"
    assert judged(at, reference=True, subject=False) == {at: "cosmetic"}
    assert judged(at, reference=False, subject=True) == {}


def test_what_a_server_calls_itself_may_differ() -> None:
    assert judged("protocol.server_info", {"name": "a"}, {"name": "b"}) == {}
