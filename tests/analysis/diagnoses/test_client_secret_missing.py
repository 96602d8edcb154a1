import pytest

from play import Play
from recognised import recognised

TOKEN = "https://auth.example.com/oauth/token"
CODE = {"grant_type": "authorization_code", "code": "k", "client_id": "abc"}
DENIED = {"error": "access_denied", "error_description": "Unauthorized"}
UNKNOWN = {"error": "invalid_client"}


def exchange(play: Play, form: dict[str, str], answer: object, status: int, **headers: str) -> None:
    play.answer(play.request("POST", TOKEN, form=form, headers=headers), answer, status=status)


def test_a_refusal_of_who_does_not_say_who_it_is():
    play = Play()
    exchange(play, CODE, DENIED, 401)
    assert recognised(play) == [("client_secret_missing", "likely")]


def test_it_is_certain_where_the_client_has_a_secret():
    play = Play()
    exchange(play, CODE, UNKNOWN, 401)
    exchange(play, CODE | {"client_secret": "x"}, {"access_token": "t"}, 200)
    assert recognised(play) == [("client_secret_missing", "certain")]


def test_it_is_certain_where_the_server_knows_no_public_clients():
    play = Play()
    known = play.request("GET", "https://auth.example.com/.well-known/oauth-authorization-server")
    methods = ["client_secret_basic"]
    issuer = {"issuer": "https://auth.example.com", "token_endpoint": TOKEN}
    play.answer(known, issuer | {"token_endpoint_auth_methods_supported": methods})
    exchange(play, CODE, UNKNOWN, 401)
    assert recognised(play) == [("client_secret_missing", "certain")]


def test_a_client_that_the_server_does_not_know_may_well_be_public():
    play = Play()
    exchange(play, CODE, UNKNOWN, 401)
    other = CODE | {"client_id": "other", "client_secret": "x"}
    exchange(play, other, {"access_token": "t"}, 200)
    assert recognised(play) == []


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_secret": "wrong"}, {}),
        ({"client_assertion": "e.y.J"}, {}),
        ({}, {"Authorization": "Basic YWJjOndyb25n"}),
    ],
)
def test_a_wrong_secret_is_another_failure(form: dict[str, str], headers: dict[str, str]):
    play = Play()
    exchange(play, CODE | form, DENIED, 401, **headers)
    assert recognised(play) == []


def test_a_wrong_code_is_another_failure():
    play = Play()
    exchange(play, CODE, {"error": "invalid_grant"}, 400)
    assert recognised(play) == []


def test_the_probe_does_it_on_purpose():
    play = Play()
    exchange(play, CODE, DENIED, 401, **{"User-Agent": "wiretape-probe"})
    assert recognised(play) == []


def test_what_another_server_demands_says_nothing():
    play = Play()
    known = play.request("GET", "https://other.example.com/.well-known/oauth-authorization-server")
    methods = ["client_secret_basic"]
    other = {"issuer": "https://other.example.com", "token_endpoint": "https://other.example.com/t"}
    play.answer(known, other | {"token_endpoint_auth_methods_supported": methods})
    exchange(play, CODE, UNKNOWN, 401)
    assert recognised(play) == []


def test_the_same_name_at_another_server_is_another_client():
    play = Play()
    exchange(play, CODE, UNKNOWN, 401)
    form = CODE | {"client_secret": "x"}
    post = play.request("POST", "https://other.example.com/token", form=form)
    play.answer(post, {"access_token": "t"})
    assert recognised(play) == []


def test_clients_without_a_name_are_not_the_same():
    play = Play()
    form = {"grant_type": "client_credentials"}
    exchange(play, form | {"client_secret": "x"}, {"access_token": "t"}, 200)
    exchange(play, form, UNKNOWN, 401)
    assert recognised(play) == []


def test_a_public_client_may_be_denied_for_another_reason():
    play = Play()
    exchange(play, CODE | {"code_verifier": "v"}, DENIED, 403)
    assert recognised(play) == [("client_secret_missing", "possible")]
