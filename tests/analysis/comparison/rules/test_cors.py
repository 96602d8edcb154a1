from typing import Any

from comparing import judged

BROWSER = "cors.mcp.browser"
ALL = ["Authorization", "Content-Type", "Mcp-Session-Id"]
IN_HEADER = {"transport.session_id.place": "header"}


def may(**changed: Any) -> dict[str, Any]:
    return {
        "may_call": True,
        "may_use": ["GET", "POST"],
        "may_send": ALL,
        "may_read": ["Mcp-Session-Id"],
    } | changed


def test_a_session_id_in_a_header_must_be_exposed() -> None:
    hidden = may(may_read=[])
    found = judged(BROWSER, may(), hidden, also=IN_HEADER)
    assert found == {"cors.session-id-not-exposed": "breaking"}


def test_one_that_is_not_in_a_header_need_not_be() -> None:
    hidden = may(may_read=[])
    for also in ({}, {"transport.session_id.place": "query"}):
        found = judged(BROWSER, may(), hidden, also=also)
        assert found == {"cors.session-id-not-exposed": "cosmetic"}


def test_a_profile_may_tell_of_the_header_only() -> None:
    at = "cors.mcp.actual"
    exposed, hidden = {"expose_headers": ["mcp-session-id"]}, {"expose_headers": ["etag"]}
    found = judged(at, exposed, hidden, also=IN_HEADER)
    assert found == {"cors.session-id-not-exposed": "breaking"}
    assert judged(at, exposed, {"expose_headers": ["*"]}, also=IN_HEADER) == {}
    assert judged(at, hidden, exposed, also=IN_HEADER) == {}


def test_more_than_the_reference_allows_is_no_trouble() -> None:
    more = may(
        may_use=["DELETE", "GET", "POST"],
        may_send=[*ALL, "Mcp-Protocol-Version"],
        may_read=["Mcp-Session-Id", "WWW-Authenticate"],
    )
    assert judged(BROWSER, may(), more, also=IN_HEADER) == {}
    assert judged(BROWSER, may(may_call=False, may_send=[]), more, also=IN_HEADER) == {}


def test_a_challenge_that_cannot_be_read() -> None:
    reads = may(may_read=["Mcp-Session-Id", "WWW-Authenticate"])
    assert judged(BROWSER, reads, may()) == {"cors.challenge-not-exposed": "risky"}


def test_a_header_that_may_not_be_sent() -> None:
    found = judged(BROWSER, may(), may(may_send=["Content-Type"], may_call=False))
    assert found == {"cors.mcp.send": "breaking"}  # which says why it may not be called, too


def test_an_endpoint_that_may_not_be_called() -> None:
    assert judged(BROWSER, may(), may(may_call=False)) == {"cors.mcp.call": "breaking"}
    assert judged(BROWSER, may(may_call=None), may(may_call=False)) == {}


def test_methods_that_may_not_be_used() -> None:
    deletes = may(may_use=["DELETE", "GET", "POST"])
    assert judged(BROWSER, deletes, may()) == {"cors.mcp.methods": "cosmetic"}
    assert judged(BROWSER, deletes, may(may_use=["POST"])) == {"cors.mcp.methods": "risky"}


def test_what_was_not_asked_is_not_known() -> None:
    unknown = may(may_call=None, may_use=None, may_send=None, may_read=None)
    assert judged(BROWSER, may(), unknown, also=IN_HEADER) == {}


def test_other_endpoints_need_no_headers_of_mcp() -> None:
    token = BROWSER.replace("mcp", "token")
    assert judged(token, may(), may(may_send=ALL[:2], may_read=[])) == {}


def test_a_form_and_a_get_need_no_preflight() -> None:
    token, register, metadata = (
        BROWSER.replace("mcp", role) for role in ("token", "registration", "server-metadata")
    )
    assert judged(token, may(), may(may_send=ALL[:1])) == {}
    assert judged(token, may(), may(may_send=ALL[1:])) == {"cors.token.send": "risky"}
    assert judged(register, may(), may(may_send=ALL[1:])) == {}
    assert judged(register, may(), may(may_send=[])) == {"cors.registration.send": "breaking"}
    assert judged(metadata, may(), may(may_send=[])) == {}


def test_refusals_must_be_seen() -> None:
    shown, hidden = {"allow_origin": "*"}, {"allow_origin": None}
    at = "cors.mcp.refused"
    assert judged(at, shown, hidden) == {"cors.mcp.refusal-hidden": "breaking"}
    assert judged(at, hidden, shown) == {}


def test_how_long_a_preflight_is_kept() -> None:
    at = "cors.mcp.preflight"
    assert judged(at, {"max_age": 86400}, {"max_age": None}) == {"cors.max-age": "cosmetic"}
