from datetime import UTC, datetime, timedelta, timezone

import pytest

from wiretape.recorder.errors import UsageError
from wiretape.recorder.log.names import file_name


def test_the_start_is_in_utc_with_milliseconds_and_no_colon() -> None:
    start = datetime(2025, 8, 29, 4, 9, 10, 217_999, tzinfo=timezone(timedelta(hours=2)))
    assert file_name("jira", start) == "mcp-traffic-jira-2025-08-29T02-09-10-217Z.jsonl"


def test_a_name_may_hold_letters_digits_dot_underscore_and_dash() -> None:
    start = datetime(2025, 1, 2, 3, 4, 5, 6_000, tzinfo=UTC)
    assert file_name("Acme_2.0-b", start) == "mcp-traffic-Acme_2.0-b-2025-01-02T03-04-05-006Z.jsonl"


@pytest.mark.parametrize("name", ["", "a/b", "..\\x", "a b", "é", "a\n", "a\0", "x" * 201])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        file_name(name, datetime.now(UTC))
