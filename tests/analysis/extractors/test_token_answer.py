"""What the token endpoint answers."""

from base64 import b64encode
from typing import Any

import pytest

from concluded import findings
from granting import CODE, TOKEN, exchange, give, refresh, refuse
from peers.processes import ROOT
from play import Play

BASIC = {"Authorization": f"Basic {b64encode(b'abc:secret').decode()}"}


def told(play: Play) -> dict[str, Any]:
    others = ("token.lifetime", "token.access", "token.refresh", "token.clock_skew", "token.error")
    return {
        id_: each.value
        for id_, each in findings(play).items()
        if id_.startswith("token.") and not id_.startswith(others)
    }


def test_an_answer_is_told_in_full() -> None:
    play = Play()
    exchange(play, "t1", "r1", scope="read offline_access", expires_in=60)
    assert told(play) == {
        "token.type": "bearer",
        "token.scope": "read offline_access",
        "token.answer.fields": [
            "access_token",
            "expires_in",
            "refresh_token",
            "scope",
            "token_type",
        ],
        "token.answer.cache_control": None,
        "token.client_auth": "none",
        "token.encoding": "form",
        "token.parameters": sorted(CODE),
    }


def test_what_is_missing_is_told_as_missing() -> None:
    play = Play()
    asked = play.request("POST", TOKEN, form=CODE)
    play.answer(asked, {"access_token": "t"}, headers={"Cache-Control": "no-store"})
    found = told(play)
    assert (found["token.type"], found["token.scope"]) == (None, None)
    assert found["token.answer.cache_control"] == "no-store"


def test_the_commonest_is_the_value_and_the_note_tells_of_the_rest() -> None:
    play = Play()
    exchange(play, "t1", scope="a")
    for number in (2, 3):
        exchange(play, f"t{number}", scope="b")
    found = findings(play)["token.scope"]
    assert (found.value, found.count, found.note) == ("b", 2, 'also seen: "a" (1)')
    assert found.evidence == ((0, 6), (0, 9))


@pytest.mark.parametrize(
    ("headers", "form", "auth"),
    [
        (None, {}, "none"),
        (None, {"client_secret": "s"}, "client_secret_post"),
        (BASIC, {}, "client_secret_basic"),
    ],
)
def test_the_client_authenticates(
    headers: dict[str, str] | None, form: dict[str, str], auth: str
) -> None:
    play = Play()
    give(play, play.request("POST", TOKEN, form={**CODE, **form}, headers=headers), "t1")
    assert told(play)["token.client_auth"] == auth


def test_how_a_refused_client_asked_is_not_what_works() -> None:
    play = Play()
    refuse(play, play.request("POST", TOKEN, form=CODE), "access_denied", 401)
    assert told(play) == {}


def test_a_refresh_tells_nothing_of_the_first_exchange() -> None:
    play = Play()
    refresh(play, "r0", "t1", "r1")
    assert "token.type" in told(play)
    assert not told(play).keys() & {"token.client_auth", "token.encoding"}


def errors(play: Play) -> dict[str, Any]:
    found = findings(play).items()
    return {id_: each.value for id_, each in found if id_.startswith("token.error")}


def test_an_error_has_its_status_and_its_body() -> None:
    play = Play()
    refuse(play, play.request("POST", TOKEN, form=CODE), "access_denied", 401)
    refuse(play, play.request("POST", TOKEN, form=CODE))
    assert errors(play) == {
        "token.error.access_denied": {"status": 401, "body": {"error": "access_denied"}},
        "token.error.invalid_grant": {"status": 400, "body": {"error": "invalid_grant"}},
    }


def test_of_errors_in_other_words_the_commonest_is_told_with_the_others() -> None:
    play = Play()
    for why in ("incorrect code_verifier", *["refresh token does not exist"] * 10):
        said = {"error": "invalid_grant", "error_description": why}
        play.answer(play.request("POST", TOKEN, form=CODE), said, status=400)
    found = findings(play)["token.error.invalid_grant"]
    assert isinstance(found.value, dict)
    assert found.value["body"] == {
        "error": "invalid_grant",
        "error_description": "refresh token does not exist",
    }
    assert found.count == 10
    assert "incorrect code_verifier" in (found.note or "")


def test_errors_that_are_all_different_make_few_facts() -> None:
    play = Play()
    for number in range(500):
        said = {"error": "invalid_grant", "trace": number}
        play.answer(play.request("POST", TOKEN, form=CODE), said, status=400)
    found = findings(play)["token.error.invalid_grant"]
    assert "of 500 differ" in (found.note or "")


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        ({"json": {"error": "no.such <thing>"}}, {"error": "no.such <thing>"}),
        ({"json": {"error": 1}}, {"error": 1}),
        ({"text": "Bad Gateway"}, "Bad Gateway"),
        ({"text": "x" * 5000}, "x" * 1024),
        ({}, None),
    ],
)
def test_an_error_without_a_name_is_unnamed(answer: Any, body: Any) -> None:
    play = Play()
    play.answer(play.request("POST", TOKEN, form=CODE), status=502, **answer)
    assert errors(play) == {"token.error.unnamed": {"status": 502, "body": body}}


def test_a_redirected_or_unanswered_request_is_no_answer() -> None:
    play = Play()
    play.answer(play.request("POST", TOKEN, form=CODE), status=307, headers={"Location": "/t/"})
    play.fail(play.request("POST", TOKEN, form=CODE))
    assert errors(play) == told(play) == {}


def test_a_real_answer() -> None:
    found = findings(ROOT / "fixtures/recordings/oauth-sse.jsonl")
    assert found["token.type"].value == "Bearer"
    assert found["token.scope"].value == "notes:read notes:write"
    assert found["token.answer.cache_control"].value == "no-store"
    assert found["token.client_auth"].value == "client_secret_post"
    assert not [id_ for id_ in found if id_.startswith("token.error")]
