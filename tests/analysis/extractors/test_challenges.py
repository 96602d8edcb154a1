"""How services refuse: the variants that are told apart, and what their refusals look like."""

from pathlib import Path
from typing import Any

import pytest

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
