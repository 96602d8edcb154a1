"""Refusals by what a request came with, as far as a profile tells them apart."""

from typing import Any

import pytest

from replayed import Caller, changed, error, header, shipped
from wiretape.analysis.profile.model import Profile

KINDS = (
    "no token",
    "malformed token",
    "bad token",
    "expired token",
    "superseded token",
    "revoked token",
)
PAGE = "https://page.example"


def refusal(kind: str, status: int = 401, **more: str) -> dict[str, Any]:
    params = "".join(f', {name}="{value}"' for name, value in more.items())
    return {"status": status, "raw": f'Bearer error="{kind}"{params}', "body_form": "empty"}


def refusing(*kinds: str, **sections: Any) -> Caller:
    """Call a service that names in its challenge what a request came with."""
    challenge = {"mcp": {"POST": {kind: refusal(kind) for kind in kinds}}}
    return Caller(changed(shipped("atlassian-2026-09"), challenge=challenge, **sections))


def refused(caller: Caller, kind: str) -> str:
    """Come with a token of that kind; give what the challenge names."""
    url = caller.profile.endpoints.mcp or ""
    headers = {"authorization": f"Bearer {_token(caller, kind)}"} if kind != "no token" else {}
    reply = caller.ask("POST", url, b"{}", headers)
    assert reply.status == 401
    return (header(reply, "www-authenticate") or "").split('"')[1]


def _token(caller: Caller, kind: str) -> str:
    client, first = caller.granted()
    token: str = first["access_token"]
    match kind:
        case "malformed token":
            return "a b"
        case "bad token":
            return "nobody"
        case "expired token":
            caller.clock.advance(first["expires_in"])
        case "superseded token":
            caller.refresh(client, first["refresh_token"])
        case "revoked token":
            assert caller.token(client, token=first["refresh_token"]).status == 200
    return token


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_refusal(kind: str) -> None:
    assert refused(refusing(*KINDS, token={"after_refresh": "refused"}), kind) == kind


@pytest.mark.parametrize(
    ("kind", "nearest"),
    [
        ("superseded token", "bad token"),
        ("revoked token", "bad token"),
        ("expired token", "bad token"),
        ("malformed token", "bad token"),
        ("no token", "bad token"),
        ("bad token", "expired token"),
    ],
)
def test_what_was_not_recorded_is_refused_as_the_most_similar(kind: str, nearest: str) -> None:
    caller = refusing(nearest, token={"after_refresh": "refused"})
    assert refused(caller, kind) == nearest


def test_an_access_token_that_survives_a_refresh_is_good() -> None:
    caller = refusing(*KINDS)
    assert caller.calls(_token(caller, "superseded token")).status == 200


def needing(scope: str) -> Caller:
    forbidden = refusal("insufficient_scope", 403, scope=scope)
    challenge = {"mcp": {"POST": {"token without permission": forbidden}}}
    return Caller(changed(shipped("atlassian-2026-09"), challenge=challenge))


def test_a_token_without_the_scope_that_a_challenge_names_is_forbidden() -> None:
    caller = needing("write:jira-work")
    _, less = caller.granted(scope="read:jira-work")
    reply = caller.calls(less["access_token"])
    assert reply.status == 403
    assert 'scope="write:jira-work"' in (header(reply, "www-authenticate") or "")
    _, all_ = caller.granted()
    assert caller.calls(all_["access_token"]).status == 200


@pytest.mark.parametrize("scope", ["admin", ""])
def test_a_scope_that_was_not_usual_is_not_asked_of_everybody(scope: str) -> None:
    caller = needing(scope)
    _, tokens = caller.granted()
    assert caller.calls(tokens["access_token"]).status == 200


def unseen_by_pages() -> Profile:
    """A service of which nobody knows what it says to pages."""
    return changed(shipped("mcp-atlassian"), cors={})


def of_page(profile: Profile, page: str) -> int:
    return Caller(profile).calls("any", origin=page).status


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (PAGE, 403),
        ("null", 403),
        ("https://127.0.0.1.page.example", 403),
        ("https://[page", 403),
        ("http://localhost:6274", 200),
        ("http://127.0.0.1:3000", 200),
        ("http://[::1]:3000", 200),
        ("http://127.0.0.1:5001", 200),
    ],
)
def test_where_nothing_is_known_of_pages_only_those_of_this_machine_may_call(
    page: str, status: int
) -> None:
    assert of_page(unseen_by_pages(), page) == status


def test_a_page_that_could_call_when_it_was_recorded_may() -> None:
    open_ = {"mcp": {"actual": {"allow_origin": "*"}}}
    assert of_page(changed(unseen_by_pages(), cors=open_), PAGE) == 200


def test_a_page_that_was_heard_without_any_cors_still_is() -> None:
    silent: dict[str, Any] = {"mcp": {"actual": {}}}
    assert of_page(changed(unseen_by_pages(), cors=silent), PAGE) == 200


def test_pages_are_refused_by_the_methods_that_did() -> None:
    foreign = refusal("invalid_origin", 403)
    profile = changed(
        unseen_by_pages(),
        challenge={"mcp": {"GET": {"foreign origin": foreign}}},
        cors={"mcp": {"actual": {}}},
    )
    assert of_page(profile, PAGE) == 200  # a POST


def test_where_no_page_was_refused_none_is_because_of_another_route() -> None:
    foreign = refusal("invalid_origin", 403)
    profile = changed(
        unseen_by_pages(),
        challenge={"message": {"POST": {"foreign origin": foreign}}},
        cors={"mcp": {"actual": {}}},
    )
    assert of_page(profile, PAGE) == 200


def test_pages_are_refused_as_they_were() -> None:
    foreign = refusal("invalid_origin", 403) | {"body": '{"error":"origin"}'}
    profile = changed(
        unseen_by_pages(),
        challenge={"mcp": {"POST": {"foreign origin": foreign}}},
        cors={"mcp": {"actual": {"allow_origin": "https://friend.example"}}},
    )
    reply = Caller(profile).calls("any", origin=PAGE)
    assert (reply.status, error(reply)) == (403, "origin")
    assert of_page(profile, "https://friend.example") == 200
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    without = Caller(profile).post_json(profile.endpoints.mcp or "", hello)
    assert without.status == 200, "that pages are refused does not mean that tokens are wanted"
