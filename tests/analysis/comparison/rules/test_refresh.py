import pytest
from pydantic import JsonValue

from comparing import judged


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("encoding", "form", "json", {"refresh.encoding": "breaking"}),
        ("encoding", "json", "form", {}),
        ("rotates", False, True, {"refresh.rotation": "cosmetic"}),
        ("rotates", True, False, {"refresh.rotation": "cosmetic"}),
        ("immediate", True, False, {"refresh.immediate": "risky"}),
        ("immediate", False, True, {}),
        ("old_token", "accepted", "refused", {"refresh.old-token": "risky"}),
        ("old_token", "accepted for a while", "refused", {"refresh.old-token": "risky"}),
        ("old_token", "accepted for a while", "accepted until the newer is used", {}),
        ("old_token", "refused", "accepted", {}),
        ("reuse", "revokes nothing", "revokes all", {"refresh.reuse": "risky"}),
        ("reuse", "revokes all", "revokes nothing", {"refresh.reuse": "cosmetic"}),
        ("reuse", "revokes all", "revokes all", {}),
        ("scope_kept", True, False, {"refresh.scope": "risky"}),
        ("client_auth", "none", "client_secret_post", {}),
    ],
)
def test_refresh(what: str, before: JsonValue, after: JsonValue, expected: dict[str, str]) -> None:
    assert judged(f"refresh.{what}", before, after) == expected
