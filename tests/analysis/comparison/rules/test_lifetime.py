import pytest

from comparing import compared, ids, judged
from official import official
from our_bridge import mended_bridge


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (3300, 30, "risky"),
        (3300, 60, "cosmetic"),
        (3300, 3240, None),
        (3300, 3600, "cosmetic"),
        (30, 20, None),
        (2, 30, "cosmetic"),
    ],
)
def test_how_long_tokens_live(before: int, after: int, expected: str | None) -> None:
    found = judged("token.lifetime", before, after)
    assert found == ({"token.lifetime": expected} if expected else {})


def test_tokens_that_live_as_long_as_they_say_do_not_end_early() -> None:
    found = compared(official(), mended_bridge())
    assert "token.lifetime.early-end" not in ids(found, "breaking")
