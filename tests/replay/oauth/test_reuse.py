"""A refresh token that is used again (RFC 9700, 4.14.2), by one and by many at once."""

import asyncio
from collections import Counter

import httpx
import pytest

from replayed import CALLBACK, CHALLENGE, VERIFIER, Caller, changed, error, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.replay.edge.serving import Running, running

STRICT = changed(shipped("atlassian-2026-09"), refresh={"reuse": "revokes all"})


def test_reuse_ends_the_lineage_with_its_access_tokens() -> None:
    caller = Caller(STRICT)
    client, first = caller.granted()
    second = caller.answer_of(caller.refresh(client, first["refresh_token"]))
    assert caller.calls(second["access_token"]).status == 200
    assert error(caller.refresh(client, first["refresh_token"])) == "invalid_grant"
    assert error(caller.refresh(client, second["refresh_token"])) == "invalid_grant"
    assert [caller.calls(t["access_token"]).status for t in (first, second)] == [401, 401]


def test_reuse_ends_no_other_lineage() -> None:
    caller = Caller(STRICT)
    client, first = caller.granted()
    _, other = caller.granted()
    caller.refresh(client, first["refresh_token"])
    caller.refresh(client, first["refresh_token"])
    assert caller.calls(other["access_token"]).status == 200


@pytest.mark.parametrize(
    ("told", "status"), [(None, 401), ("revokes all", 401), ("revokes nothing", 200)]
)
def test_a_code_used_again_ends_its_tokens_unless_it_is_known_not_to(
    told: str | None, status: int
) -> None:
    caller = Caller(changed(shipped("atlassian-2026-09"), authorization={"code_reuse": told}))
    client = caller.register()
    code = caller.code(client)
    first = caller.answer_of(caller.exchange(client, code))
    assert error(caller.exchange(client, code)) == "invalid_grant"
    assert caller.calls(first["access_token"]).status == status


def test_without_such_a_profile_the_newer_tokens_stay_good() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    client, first = caller.granted()
    second = caller.answer_of(caller.refresh(client, first["refresh_token"]))
    assert error(caller.refresh(client, first["refresh_token"])) == "invalid_grant"
    assert caller.refresh(client, second["refresh_token"]).status == 200


def test_what_is_still_in_its_grace_is_no_reuse() -> None:
    old = {"old_token": "accepted until the newer is used", "reuse": "revokes all"}
    caller = Caller(changed(shipped("atlassian-2026-09"), refresh=old))
    client, first = caller.granted()
    caller.answer_of(caller.refresh(client, first["refresh_token"]))
    second = caller.answer_of(caller.refresh(client, first["refresh_token"]))
    caller.answer_of(caller.refresh(client, second["refresh_token"]))
    assert caller.refresh(client, first["refresh_token"]).status == 403
    assert caller.refresh(client, second["refresh_token"]).status == 403


def test_of_many_at_once_exactly_one_wins() -> None:
    statuses = asyncio.run(_race(shipped("atlassian-2026-09"), tokens=10, attempts=20))
    assert statuses == [Counter({200: 1, 403: 19})] * 10


async def _race(profile: Profile, *, tokens: int, attempts: int) -> list[Counter[int]]:
    """Use each of some refresh tokens so often at once, over as many connections."""
    async with (
        running(profile) as at,
        httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=attempts)) as http,
    ):
        site = at.origins.local["https://auth.atlassian.com"]
        asked = {"redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none"}
        registered = await http.post(f"{site}/tenant/dcr/register", json=asked)
        client = registered.json()["client_id"]
        found = []
        for _ in range(tokens):
            form = {
                "grant_type": "refresh_token",
                "client_id": client,
                "refresh_token": await _granted(http, at, client),
            }
            posts = [http.post(f"{site}/oauth/token", data=form) for _ in range(attempts)]
            answers = await asyncio.gather(*posts)
            found.append(Counter(answer.status_code for answer in answers))
        return found


async def _granted(http: httpx.AsyncClient, at: Running, client: str) -> str:
    site = at.origins.local["https://auth.atlassian.com"]
    params = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    sent = await http.get(f"{site}/authorize", params=params)
    form = {
        "grant_type": "authorization_code",
        "client_id": client,
        "code": httpx.URL(sent.headers["location"]).params["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    answer = await http.post(f"{site}/oauth/token", data=form)
    token: str = answer.json()["refresh_token"]
    return token
