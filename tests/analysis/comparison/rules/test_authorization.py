import pytest
from pydantic import JsonValue

from comparing import judged


@pytest.mark.parametrize(
    ("what", "before", "after", "expected"),
    [
        ("pkce", "S256", "plain", {"authorization.pkce": "risky"}),
        ("pkce", "S256", None, {"authorization.pkce": "risky"}),
        ("pkce", None, "S256", {}),
        ("state", True, False, {"authorization.state": "risky"}),
        ("state", False, True, {}),
        ("resource", True, False, {"authorization.resource": "cosmetic"}),
        ("offline_access", True, False, {"scope.offline-access-missing": "risky"}),
        ("offline_access", False, True, {}),
        ("scope", ["a", "offline_access"], ["a"], {}),
        ("scope", ["a", "b"], ["a"], {"scope.not-asked-for": "cosmetic"}),
        ("status", 302, 303, {}),
        ("status", 302, 307, {"authorization.status": "risky"}),
        ("status", 302, 500, {"authorization.status": "breaking"}),
        ("answer", ["code", "state"], ["code"], {"authorization.answer.state": "breaking"}),
        ("answer", ["code", "iss"], ["code"], {"authorization.answer.iss": "risky"}),
        ("answer", ["code"], ["code", "iss"], {}),
        ("redirect_uri", "localhost", "https", {}),
        ("parameters", ["a"], ["b"], {}),
    ],
)
def test_authorization(
    what: str, before: JsonValue, after: JsonValue, expected: dict[str, str]
) -> None:
    assert judged(f"authorization.{what}", before, after) == expected
