"""How clients are registered."""

from typing import Any

from concluded import findings
from granting import REGISTER
from peers.processes import ROOT
from play import Json, Play

ASKED = {"redirect_uris": ["http://127.0.0.1:1/"], "client_name": "client"}


def register(play: Play, answer: Json = None, status: int = 201, **how: Any) -> Play:
    play.answer(play.request("POST", REGISTER, json=ASKED), answer, status=status, **how)
    return play


def told(play: Play) -> dict[str, Any]:
    found = findings(play).items()
    area = "registration."
    return {id_.removeprefix(area): each.value for id_, each in found if id_.startswith(area)}


def test_a_public_client() -> None:
    answer = {"client_id": "abc", "token_endpoint_auth_method": "none"}
    assert told(register(Play(), answer)) == {
        "status": 201,
        "request": ["client_name", "redirect_uris"],
        "fields": ["client_id", "token_endpoint_auth_method"],
        "client_secret": False,
        "auth_method": "none",
    }


def test_a_confidential_client() -> None:
    found = told(register(Play(), {"client_id": "abc", "client_secret": "s"}, status=200))
    assert (found["status"], found["client_secret"], found["auth_method"]) == (200, True, None)


def test_a_refusal_has_its_name() -> None:
    found = told(register(Play(), {"error": "invalid_redirect_uri"}, status=400))
    body = {"error": "invalid_redirect_uri"}
    assert found == {"error.invalid_redirect_uri": {"status": 400, "body": body}}


def test_a_refusal_without_a_name_is_unnamed() -> None:
    found = told(register(Play(), text="Not Found", status=404))
    assert found == {"error.unnamed": {"status": 404, "body": "Not Found"}}


def test_no_answer_and_a_redirect_are_no_registration() -> None:
    play = register(Play(), status=307, headers={"Location": "/register/"})
    play.fail(play.request("POST", REGISTER, json=ASKED))
    assert told(play) == {}


def test_a_real_registration() -> None:
    found = findings(ROOT / "fixtures/recordings/oauth-sse.jsonl")
    assert found["registration.status"].value == 201
    assert found["registration.client_secret"].value is True
    assert found["registration.auth_method"].value == "client_secret_post"
    assert found["registration.status"].evidence == ((0, 12),)
