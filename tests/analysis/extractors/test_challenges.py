"""How services refuse: the variants that are told apart, and what their refusals look like."""

from pathlib import Path
from typing import Any

import pytest

import granting
from concluded import findings
from play import Headers, Json, Play, initialize, initialized
from players import MCP
from wiretape.analysis.finding import Finding

MISSING = (
    'Bearer realm="OAuth", error="invalid_token", '
    'error_description="Missing or invalid access token"'
)
INVALID = {"WWW-Authenticate": 'Bearer realm="OAuth", error="invalid_token"'}
OURS = {"error": "invalid_token", "error_description": "Invalid access token"}
RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def bearer(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}


def refuse(play: Play, sent: Headers | None = None, **answer: Any) -> None:
    how: dict[str, Any] = {"status": 401, "headers": INVALID}
    play.answer(play.post(MCP, initialize(), sent), **(how | answer))


def accept(play: Play, token: str) -> None:
    play.answer(play.post(MCP, initialize(), bearer(token)), initialized())


def challenges(play: Play | Path) -> dict[str, Finding]:
    found = findings(play).items()
    return {id_: finding for id_, finding in found if id_.startswith("challenge.")}


def test_a_refusal_without_a_token() -> None:
    play = Play()
    body = {"error": "invalid_token", "error_description": "Missing or invalid access token"}
    headers = {"www-authenticate": MISSING, "content-type": "application/json"}
    refuse(play, json=body, headers=headers)

    (finding,) = challenges(play).values()

    assert finding.id == "challenge.mcp.POST.no token"
    assert finding.value == {
        "status": 401,
        "challenges": [
            {
                "scheme": "Bearer",
                "params": {
                    "realm": "OAuth",
                    "error": "invalid_token",
                    "error_description": "Missing or invalid access token",
                },
            }
        ],
        "raw": MISSING,
        "body_form": "oauth-json",
        "body": body,
        "media_type": "application/json",
    }
    assert [place.line for place in finding.evidence] == [3]


def test_the_variants_are_told_apart() -> None:
    play = Play()
    refuse(play, json={"error": "nothing at all"})
    refuse(play, {"Authorization": "Bearer not, a token"})
    refuse(play, {"Authorization": "Basic dTpw"})
    refuse(play, bearer("never:accepted:secret"), json=OURS)
    accept(play, "accepted")
    refuse(play, bearer("accepted"), json=OURS)
    refuse(play, bearer("accepted"), json=OURS)
    refuse(play, bearer("accepted"), status=403)

    assert {id_: finding.count for id_, finding in challenges(play).items()} == {
        "challenge.mcp.POST.no token": 1,
        "challenge.mcp.POST.malformed token": 2,
        "challenge.mcp.POST.bad token": 1,
        "challenge.mcp.POST.expired token": 2,
        "challenge.mcp.POST.token without permission": 1,
    }


def test_a_token_that_is_accepted_only_later_has_not_expired() -> None:
    play = Play()
    refuse(play, bearer("early"))
    accept(play, "early")

    assert [*challenges(play)] == ["challenge.mcp.POST.bad token"]


def variants(play: Play) -> list[str]:
    return [id_.rpartition(".")[2] for id_ in challenges(play)]


def test_a_token_whose_told_time_is_over_has_expired() -> None:
    play = Play()
    granting.exchange(play, "t1", "r1", expires_in=60)
    accept(play, "t1")
    play.later(61)
    refuse(play, bearer("t1"))
    granting.refresh(play, "r1", "t2", "r2", expires_in=60)
    refuse(play, bearer("t1"))

    assert variants(play) == ["expired token"]


def test_a_token_whose_grant_was_refreshed_is_superseded() -> None:
    play = Play()
    granting.exchange(play, "t1", "r1", expires_in=60)
    accept(play, "t1")
    granting.refresh(play, "r1", "t2", "r2", expires_in=60)
    refuse(play, bearer("t1"))

    assert variants(play) == ["superseded token"]


def test_a_token_that_outlived_what_was_told_is_superseded_all_the_same() -> None:
    play = Play()
    granting.exchange(play, "t1", "r1", expires_in=60)
    play.later(61)
    accept(play, "t1")
    granting.refresh(play, "r1", "t2", "r2", expires_in=60)
    refuse(play, bearer("t1"))

    assert variants(play) == ["superseded token"]


@pytest.mark.parametrize("revoked", ["t1", "r1"])
def test_a_token_after_a_revocation_is_revoked(revoked: str) -> None:
    play = Play()
    granting.exchange(play, "t1", "r1", expires_in=60)
    accept(play, "t1")
    play.answer(play.request("POST", f"{granting.SITE}/revoke", form={"token": revoked}))
    refuse(play, bearer("t1"))

    assert variants(play) == ["revoked token"]


def test_a_token_that_was_issued_and_superseded_unused_is_not_bad() -> None:
    play = Play()
    granting.exchange(play, "t1", "r1", expires_in=60)
    granting.refresh(play, "r1", "t2", "r2", expires_in=60)
    refuse(play, bearer("t1"))
    refuse(play, bearer("t2"))

    assert variants(play) == ["bad token", "superseded token"]


def from_elsewhere(token: str) -> Headers:
    return {**bearer(token), "Origin": "https://page.example.net"}


def test_a_token_that_is_let_in_but_for_its_origin() -> None:
    play = Play()
    accept(play, "t1")
    refuse(play, from_elsewhere("t1"), status=403, headers=None)

    assert variants(play) == ["foreign origin"]


def test_a_service_that_speaks_of_the_origin() -> None:
    play = Play()
    for sent in (from_elsewhere("t1"), {"Origin": "https://page.example.net"}):
        refuse(play, sent, status=403, headers=None, text="Invalid Origin header")

    assert variants(play) == ["foreign origin"]
    assert [finding.count for finding in challenges(play).values()] == [2]


def test_a_token_without_permission_from_wherever_it_comes() -> None:
    play = Play()
    own = {**bearer("t1"), "Origin": "https://mcp.example.com"}
    play.answer(play.post(MCP, initialize(), from_elsewhere("t1")), initialized())
    accept(play, "t1")
    refuse(play, from_elsewhere("t1"), status=403)
    refuse(play, own, status=403)
    refuse(play, from_elsewhere("t2"), status=403)

    assert variants(play) == ["token without permission"]
    assert [finding.count for finding in challenges(play).values()] == [3]


def test_a_token_in_the_url_is_a_token() -> None:
    play = Play()
    with_token = f"{MCP}?access_token=t1"
    play.answer(play.post(with_token, initialize()), initialized())
    play.answer(play.post(with_token, initialize()), status=401)

    assert [*challenges(play)] == ["challenge.mcp.POST.expired token"]


def test_a_client_that_fails_to_authenticate_itself_has_no_bad_token() -> None:
    play = Play()
    form = {"grant_type": "refresh_token", "refresh_token": "r"}
    post = play.request("POST", "https://auth.example.com/token", form=form)
    challenge = {"WWW-Authenticate": 'Basic realm="token"'}
    play.answer(post, {"error": "invalid_client"}, status=401, headers=challenge)

    (finding,) = challenges(play).values()

    assert finding.id == "challenge.token.POST.client authentication"


@pytest.mark.parametrize(
    ("body", "form", "value"),
    [
        ({"json": {"error": "invalid_token"}}, "oauth-json", {"error": "invalid_token"}),
        ({"json": {"error": "Who are you?"}}, "json", {"error": "Who are you?"}),
        (
            {"json": {"jsonrpc": "2.0", "error": {}, "id": None}},
            "json-rpc",
            {"jsonrpc": "2.0", "error": {}, "id": None},
        ),
        ({"json": ["no"]}, "json", ["no"]),
        ({"text": "Unauthorized"}, "text", "Unauthorized"),
        ({"text": "\n<!DOCTYPE html><p>no"}, "html", "\n<!DOCTYPE html><p>no"),
        ({}, "empty", None),
    ],
)
def test_forms_of_bodies(body: Json, form: str, value: Json) -> None:
    play = Play()
    refuse(play, **body)

    (finding,) = challenges(play).values()

    assert isinstance(finding.value, dict)
    assert finding.value["body_form"] == form
    assert finding.value["body"] == value


def test_a_refusal_without_a_challenge() -> None:
    play = Play()
    refuse(play, json={"error": "Authentication required"}, headers=None)

    (finding,) = challenges(play).values()

    assert isinstance(finding.value, dict)
    assert finding.value["challenges"] == []
    assert finding.value["raw"] is None


def test_several_challenges() -> None:
    play = Play()
    value = 'Negotiate YWJj, Bearer realm="a", Basic realm="b", Realm=c'
    refuse(play, headers={"WWW-Authenticate": value})

    (finding,) = challenges(play).values()

    assert isinstance(finding.value, dict)
    assert finding.value["challenges"] == [
        {"scheme": "Negotiate", "params": {}, "token68": "YWJj"},
        {"scheme": "Bearer", "params": {"realm": "a"}},
        {"scheme": "Basic", "params": {"realm": "b"}},
    ]


def test_a_challenge_that_cannot_be_read_is_shown_as_it_is() -> None:
    play = Play()
    refuse(play, headers={"WWW-Authenticate": 'Bearer realm="open'})

    (finding,) = challenges(play).values()

    assert isinstance(finding.value, dict)
    assert finding.value["raw"] == 'Bearer realm="open'
    assert finding.value["challenges"] == []
    assert "character 8" in (finding.note or "")


def test_refusals_that_differ() -> None:
    play = Play()
    refuse(play)
    refuse(play, status=403)
    refuse(play)

    (finding,) = challenges(play).values()

    assert isinstance(finding.value, dict)
    assert (finding.value["status"], finding.count) == (401, 2)
    assert finding.note == "1 of 3 differ"


def test_no_refusal_no_finding() -> None:
    play = Play()
    accept(play, "t1")
    play.answer(play.post(MCP, initialize(), bearer("t1")), status=404)

    assert not challenges(play)
    assert not challenges(RECORDINGS / "mcp-atlassian.jsonl")


def test_a_real_recording() -> None:
    found = challenges(RECORDINGS / "oauth-sse.jsonl")

    assert [*found] == ["challenge.message.POST.expired token", "challenge.sse.GET.no token"]
    for finding in found.values():
        assert isinstance(finding.value, dict)
        assert finding.value["body_form"] == "oauth-json"


def test_what_others_refuse_is_not_of_the_service() -> None:
    play = Play()
    refuse(play)
    elsewhere = play.request("GET", "https://telemetry.example.net/v2/events")
    play.answer(elsewhere, status=401, headers={"WWW-Authenticate": "Basic realm=metrics"})
    here = play.request("GET", "https://mcp.example.com/health")
    play.answer(here, status=401)

    found = challenges(play)
    assert sorted(found) == ["challenge.mcp.POST.no token", "challenge.other.GET.no token"]
    other = found["challenge.other.GET.no token"]
    assert isinstance(other.value, dict)
    assert (other.value["raw"], other.note) == (None, None)


def test_a_refusal_is_all_that_there_is() -> None:
    play = Play()
    play.answer(play.listen(MCP), status=401)

    assert list(challenges(play)) == ["challenge.other.GET.no token"]
