from play import Play
from recognised import recognised

URL = "https://auth.example.com/v1/authorize?response_type=code&client_id=abc&state=s"


def test_a_server_error():
    play = Play()
    for _ in range(2):
        play.answer(play.request("GET", URL), text="Internal Server Error", status=500)
    assert recognised(play) == [("authorize_fails", "certain")]


def test_a_server_error_in_the_redirect():
    play = Play()
    where = "http://localhost:1/?error=server_error&state=s"
    play.answer(play.request("GET", URL), status=302, headers={"Location": where})
    assert recognised(play) == [("authorize_fails", "certain")]


def test_a_user_who_does_not_consent():
    play = Play()
    where = "http://localhost:1/?error=access_denied&state=s"
    play.answer(play.request("GET", URL), status=302, headers={"Location": where})
    assert recognised(play) == []


def test_an_error_of_the_client():
    play = Play()
    play.answer(play.request("GET", URL), text="unknown client", status=400)
    assert recognised(play) == []
