import pytest
from pydantic import JsonValue

from comparing import judged


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("status", 201, 200, {"registration.status": "cosmetic"}),
        ("status", 201, 403, {"registration.status": "breaking"}),
        ("fields", ["client_id"], [], {"registration.fields": "breaking"}),
        ("fields", ["client_id", "client_id_issued_at"], ["client_id"], {}),
        ("client_secret", False, True, {"registration.client-authentication": "cosmetic"}),
        ("auth_method", "none", "none", {}),
        ("request", ["a"], ["b"], {}),
    ],
)
def test_registration(
    what: str, before: JsonValue, after: JsonValue, expected: dict[str, str]
) -> None:
    assert judged(f"registration.{what}", before, after) == expected
