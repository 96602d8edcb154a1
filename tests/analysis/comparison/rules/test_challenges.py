from typing import Any

from comparing import judged, known
from wiretape.analysis.comparison.compare import compare
from wiretape.analysis.comparison.rule import NOTHING_TO_MEND

AT = "challenge.mcp.POST.no token"
METADATA = "https://mcp.example.com/.well-known/oauth-protected-resource"


def refusal(**changed: Any) -> dict[str, Any]:
    params = {"realm": "OAuth", "error": "invalid_token"} | changed.pop("params", {})
    kept = {name: value for name, value in params.items() if value is not None}
    return {
        "status": 401,
        "challenges": [{"scheme": "Bearer", "params": kept}],
        "body_form": "oauth-json",
    } | changed


def test_another_status_keeps_clients_from_authorizing() -> None:
    assert judged(AT, refusal(), refusal(status=403)) == {"challenge.mcp.status": "breaking"}
    at_token = AT.replace("mcp", "token")
    assert judged(at_token, refusal(), refusal(status=400)) == {"challenge.token.status": "risky"}


def test_without_a_challenge_there_must_be_metadata() -> None:
    bare = refusal(challenges=[])
    assert judged(AT, refusal(), bare) == {"challenge.missing": "breaking"}
    found = {"discovery.server-metadata": {"/.well-known/oauth-authorization-server": 200}}
    assert judged(AT, refusal(), bare, also=found) == {"challenge.missing": "risky"}
    assert judged(AT, bare, bare) == judged(AT, bare, refusal()) == {}


def test_each_kind_of_refusal_is_compared_with_its_own_only() -> None:
    kinds = ("expired token", "superseded token", "revoked token", "foreign origin")
    for kind in kinds:
        at = AT.replace("no token", kind)
        assert judged(at, refusal(), refusal(status=400)) == {"challenge.mcp.status": "breaking"}
        for other in kinds:
            if other != kind:
                unlike = known({AT.replace("no token", other): refusal(status=400)})
                found = compare(known({at: refusal()}), unlike, {})
                assert found.differences == ()


def test_what_the_challenge_lacks() -> None:
    pointing = refusal(params={"resource_metadata": METADATA})
    assert judged(AT, pointing, refusal()) == {"challenge.resource_metadata": "risky"}
    assert judged(AT, refusal(), pointing) == {}
    silent = refusal(params={"error": None})
    bad = AT.replace("no token", "bad token")
    assert judged(bad, refusal(), silent) == {"challenge.error": "risky"}
    other = refusal(params={"error": "invalid_request"})
    assert judged(AT, refusal(), other) == {"challenge.error": "risky"}


def test_what_only_the_reference_does_wrong_is_not_held_against_the_subject() -> None:
    """RFC 6750, section 3.1: no error without a token, 401 for a bad one."""
    silent = refusal(params={"error": None})
    assert judged(AT, refusal(), silent) == {"challenge.error-without-token": "cosmetic"}
    found = compare(known({AT: refusal(status=403)}), known({AT: refusal()}), {})
    (only,) = found.differences
    assert (only.severity, only.requirement) == ("cosmetic", None)
    assert "The reference deviates" in only.why
    assert only.remedy == NOTHING_TO_MEND


def test_where_the_metadata_is_may_differ() -> None:
    here = refusal(params={"resource_metadata": METADATA})
    there = refusal(params={"resource_metadata": METADATA.replace("mcp.", "bridge.")})
    assert judged(AT, here, there) == {}


def test_the_realm_is_nobody_s_business() -> None:
    other = refusal(params={"realm": "bridge"})
    assert judged(AT, refusal(), other) == {"challenge.realm": "cosmetic"}


def test_the_first_bearer_challenge_counts() -> None:
    basic = {"scheme": "Basic", "params": {"realm": "x"}}
    several = refusal(challenges=[basic, *refusal()["challenges"]])
    assert judged(AT, refusal(), several) == {}


def test_a_body_is_to_tell_why() -> None:
    empty = refusal(body_form="empty")
    assert judged(AT, refusal(), empty) == {"challenge.POST.body-missing": "risky"}
    page = refusal(body_form="html")
    assert judged(AT, refusal(), page) == {"challenge.POST.body-missing": "risky"}
    rpc = refusal(body_form="json-rpc")
    assert judged(AT, refusal(), rpc) == {"challenge.POST.body-form": "cosmetic"}
    assert judged(AT, empty, refusal()) == {}
