"""The issuer, as answers and tokens tell it (RFC 9207; RFC 9068)."""

import json

import pytest

from replayed import Caller, changed, offering, shipped, told
from wiretape.analysis.profile.model import Profile
from wiretape.replay.service import Choices

FOUND_AT = "https://mcp.atlassian.com/.well-known/oauth-authorization-server"


def told_in_answers() -> Profile:
    return changed(shipped("atlassian-2025-08"), authorization={"answer": ("code", "state", "iss")})


def told_by_metadata() -> Profile:
    supported = {"authorization_response_iss_parameter_supported": True}
    return offering(shipped("atlassian-2025-08"), **supported)


@pytest.mark.parametrize("profile", [told_in_answers(), told_by_metadata()])
@pytest.mark.parametrize(
    ("choices", "issuer"),
    [
        (Choices(), "http://127.0.0.1:5002"),
        (Choices(issuer="consistent"), "http://127.0.0.1:5001"),
    ],
)
def test_answers_and_errors_name_the_issuer_of_the_metadata(
    profile: Profile, choices: Choices, issuer: str
) -> None:
    caller = Caller(profile, choices)
    assert json.loads(caller.ask("GET", FOUND_AT).body)["issuer"] == issuer
    client = caller.register()
    assert told(caller.authorize(client))["iss"] == issuer
    assert told(caller.authorize(client, response_type="token"))["iss"] == issuer


def test_where_it_was_not_told_it_is_not() -> None:
    caller = Caller(shipped("atlassian-2025-08"))
    assert "iss" not in told(caller.authorize(caller.register()))


def test_a_jwt_names_the_issuer_of_the_metadata() -> None:
    caller = Caller(shipped("atlassian-2026-09"), Choices(issuer="consistent"))
    _, tokens = caller.granted()
    assert caller.claims(tokens["access_token"])["iss"] == "http://127.0.0.1:5002/tenant"
