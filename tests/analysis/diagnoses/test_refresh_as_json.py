import pytest

from play import Play
from recognised import recognised

TOKEN = "https://auth.example.com/token"
ASKED = {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "abc"}


def refreshed(play: Play, status: int, answer: object = None, text: str | None = None) -> None:
    play.answer(play.request("POST", TOKEN, json=ASKED), answer, status=status, text=text)


@pytest.mark.parametrize("error", ["invalid_request", "unsupported_grant_type"])
def test_a_server_that_does_not_read_it(error: str):
    play = Play()
    refreshed(play, 400, {"error": error})
    assert recognised(play) == [("refresh_as_json", "likely")]


def test_it_is_certain_where_a_form_is_taken():
    play = Play()
    play.answer(play.request("POST", TOKEN, form=ASKED), {"access_token": "t"})
    refreshed(play, 415, text="Unsupported Media Type")
    assert recognised(play) == [("refresh_as_json", "certain")]


def test_a_server_that_reads_it_and_finds_fault_with_the_token():
    play = Play()
    refreshed(play, 400, {"error": "invalid_grant"})
    assert recognised(play) == []


def test_a_server_that_takes_it():
    play = Play()
    refreshed(play, 200, {"access_token": "t"})
    assert recognised(play) == []
