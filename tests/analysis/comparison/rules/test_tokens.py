from typing import Any

import pytest

from comparing import judged, known
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.rule import NOTHING_TO_MEND

FIELDS = ["access_token", "expires_in", "refresh_token", "scope", "token_type"]


def shape(kind: str = "opaque", length: Any = 74) -> dict[str, Any]:
    return {"kind": kind, "length": length, "separator": ":", "segments": []}


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("refresh_token", {"token.refresh-token-missing": "breaking"}),
        ("expires_in", {"token.expires-in-missing": "risky"}),
        ("token_type", {"token.fields-missing": "breaking"}),
        ("scope", {}),
    ],
)
def test_fields_of_the_answer(lost: str, expected: dict[str, str]) -> None:
    fields = [name for name in FIELDS if name != lost]
    assert judged("token.answer.fields", FIELDS, fields) == expected
    assert judged("token.answer.fields", fields, FIELDS) == {}


def test_scopes() -> None:
    at = "token.scope"
    assert judged(at, "read offline_access", "offline_access read write") == {}
    assert judged(at, "read offline_access", "read") == {"scope.offline-access-missing": "risky"}
    assert judged(at, "read write", "read") == {"scope.missing": "risky"}


def test_the_type() -> None:
    assert judged("token.type", "bearer", "Bearer") == {"token.type": "cosmetic"}
    assert judged("token.type", "bearer", "mac") == {"token.type": "breaking"}


@pytest.mark.parametrize("what", ["token.access", "token.refresh", "code", "client_id"])
def test_the_form_of_tokens_is_up_to_the_service(what: str) -> None:
    assert judged(f"{what}.shape", shape(), shape("jwt", [600, 700])) == {"token.shape": "cosmetic"}
    assert judged(f"{what}.shape", shape(), shape()) == {}


@pytest.mark.parametrize(
    ("length", "differs"), [([600, 700], False), (650, False), ([599, 650], True), (701, True)]
)
def test_a_length_within_those_that_were_seen_is_no_other(length: object, *, differs: bool) -> None:
    found = judged("token.access.shape", shape("jwt", [600, 700]), shape("jwt", length))
    assert found == ({"token.shape": "cosmetic"} if differs else {})


def test_a_token_must_fit_into_a_header() -> None:
    found = judged("token.access.shape", shape(), shape("jwt", [4000, 5000]))
    assert found == {"token.long": "risky", "token.shape": "cosmetic"}


def test_errors_keep_their_status() -> None:
    at = "token.error.invalid_grant"
    known, other = {"status": 400, "body": "a"}, {"status": 500, "body": "b"}
    assert judged(at, known, other) == {at: "risky"}
    assert judged(at, known, known | {"body": "b"}) == {}


@pytest.mark.parametrize(
    ("error", "before", "after", "severity", "wanted"),
    [
        ("invalid_grant", 403, 400, "cosmetic", None),
        ("invalid_client", 400, 401, "cosmetic", None),
        ("invalid_client", 403, 401, "cosmetic", None),
        ("invalid_grant", 400, 401, "risky", "Status 400"),
        ("invalid_grant", 403, 500, "risky", "Status 400"),
        ("invalid_client", 401, 403, "risky", "Status 401"),
    ],
)
def test_the_status_of_an_error_is_that_of_the_rfc(
    error: str, before: int, after: int, severity: str, wanted: str | None
) -> None:
    """RFC 6749, section 5.2: 400, or 401 for invalid_client."""
    at = f"token.error.{error}"
    found = compare(known({at: {"status": before}}), known({at: {"status": after}}), {})
    (only,) = found.differences
    assert only.severity == severity
    if wanted is None:
        assert (only.requirement, only.remedy) == (None, NOTHING_TO_MEND)
        assert ("The reference deviates" in only.why) is (before == 403)
    else:
        assert only.requirement == "RFC 6749, section 5.2"
        assert only.remedy.startswith(wanted)


def test_caching() -> None:
    at = "token.answer.cache_control"
    assert judged(at, "no-store", None) == {"token.cache-control": "cosmetic"}
    assert judged(at, None, "no-store") == {}


def test_the_encoding_of_code_exchanges() -> None:
    assert judged("token.encoding", "form", "json") == {"token.encoding": "risky"}
    assert judged("token.encoding", "json", "form") == {}


@pytest.mark.parametrize("id_", ["token.clock_skew", "token.access.claims", "token.client_auth"])
def test_what_may_differ(id_: str) -> None:
    assert judged(id_, 1, 2) == {}
