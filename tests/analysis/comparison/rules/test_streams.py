import pytest
from pydantic import JsonValue

from comparing import judged


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("keepalive", 30, 120, {"stream.keepalive": "risky"}),
        ("keepalive", 30, 15, {}),
        ("keepalive", 30, 45, {}),
        ("keepalive", 90, 120, {}),
        ("resumed", True, False, {"stream.resumed": "risky"}),
        ("event_ids", True, False, {"stream.event-ids": "cosmetic"}),
        ("event_ids", False, True, {}),
        ("lifetime", 30, 3600, {}),
        ("ends", {"complete": 1}, {"complete": 2}, {}),
    ],
)
def test_streams(what: str, before: JsonValue, after: JsonValue, expected: dict[str, str]) -> None:
    assert judged(f"stream.mcp.{what}", before, after) == expected
