"""What tokens are for (RFC 8707)."""

import pytest

from replayed import CALLBACK, Caller, changed, error, shipped, told
from wiretape.analysis.profile.model import Profile

HERE = "http://127.0.0.1:5001/v1/mcp/authv2"
FOREIGN = "https://elsewhere.example/mcp"


@pytest.fixture
def caller() -> Caller:
    return Caller(shipped("atlassian-2026-09"))


@pytest.mark.parametrize("resource", [HERE, HERE + "/"])
def test_the_services_own_resource_is_good(caller: Caller, resource: str) -> None:
    client = caller.register()
    code = caller.code(client, resource=resource)
    assert caller.exchange(client, code, resource=resource).status == 200


def test_a_foreign_resource_is_an_invalid_target(caller: Caller) -> None:
    refused = told(caller.authorize(caller.register(), resource=FOREIGN))
    assert (refused["error"], refused["state"]) == ("invalid_target", "a state")


def test_a_foreign_resource_at_the_token_endpoint_uses_nothing_up(caller: Caller) -> None:
    client = caller.register()
    code = caller.code(client, resource=HERE)
    assert error(caller.exchange(client, code, resource=FOREIGN)) == "invalid_target"
    assert caller.exchange(client, code, resource=HERE).status == 200


def test_two_resources_are_one_too_many(caller: Caller) -> None:
    client = caller.register()
    at = caller.profile.endpoints.authorization
    query = f"client_id={client['client_id']}&resource={HERE}&resource={HERE}"
    reply = caller.ask("GET", f"{at}?{query}")
    assert (reply.status, error(reply)) == (400, "invalid_target")


def test_where_no_resource_is_named_none_is_looked_at() -> None:
    caller = Caller(shipped("atlassian-2025-08"))
    assert "code" in told(caller.authorize(caller.register(), resource=FOREIGN))


def both_transports() -> Profile:
    profile = shipped("atlassian-2026-09")
    return changed(profile, endpoints={"sse": "https://mcp.atlassian.com/v1/sse"})


def test_a_token_is_refused_at_another_resource() -> None:
    caller = Caller(both_transports())
    client = caller.register()
    sse = "http://127.0.0.1:5001/v1/sse"
    code = caller.code(client, resource=sse)
    assert error(caller.exchange(client, code, resource=HERE)) == "invalid_target"
    token = caller.answer_of(caller.exchange(client, code))["access_token"]
    assert caller.calls(token).status == 401
    headers = {"authorization": f"Bearer {token}"}
    assert caller.ask("GET", "https://mcp.atlassian.com/v1/sse", b"", headers).status == 200


def test_a_token_for_no_resource_in_particular_is_good_everywhere() -> None:
    caller = Caller(both_transports())
    _, tokens = caller.granted()
    assert caller.calls(tokens["access_token"]).status == 200


def test_a_jwt_is_for_the_resource_here(caller: Caller) -> None:
    _, tokens = caller.granted(resource=HERE)
    assert caller.claims(tokens["access_token"])["aud"] == HERE


@pytest.mark.parametrize("name", ["client_id", "state", "redirect_uri", "code_challenge"])
def test_no_parameter_may_come_twice(caller: Caller, name: str) -> None:
    at = caller.profile.endpoints.authorization
    client = caller.register()
    query = f"client_id={client['client_id']}&redirect_uri={CALLBACK}&{name}=x&{name}=y"
    reply = caller.ask("GET", f"{at}?{query}")
    assert (reply.status, error(reply)) == (400, "invalid_request")
