import pytest

from comparing import judged


def test_security_headers() -> None:
    at = "headers.security"
    known = {"strict-transport-security": "max-age=1", "x-content-type-options": "nosniff"}
    assert judged(at, known, {"x-content-type-options": "nosniff"}) == {at: "cosmetic"}
    assert judged(at, {}, known) == {}
    assert judged(at, known, known | {"strict-transport-security": "max-age=2"}) == {}


@pytest.mark.parametrize("what", ["constant", "cdn", "tracing", "mcp.names", "varying"])
def test_other_headers_may_differ(what: str) -> None:
    assert judged(f"headers.{what}", ["a"], ["b"]) == {}
