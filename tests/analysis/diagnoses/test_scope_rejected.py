from concluded import diagnoses
from play import Play
from recognised import recognised

AUTH = "https://auth.example.com"
URL = f"{AUTH}/authorize?response_type=code&client_id=abc&state=s&scope=read%20everything"


def test_in_the_redirect():
    play = Play()
    where = "http://localhost:1/?error=invalid_scope&state=s"
    play.answer(play.request("GET", URL), status=302, headers={"Location": where})
    play.answer(play.request("GET", where), text="sorry")
    (found,) = diagnoses(play)
    assert found.id == "scope_rejected"
    assert "“read everything”" in found.seen


def test_at_the_token_endpoint():
    play = Play()
    form = {"grant_type": "refresh_token", "refresh_token": "r", "scope": "everything"}
    post = play.request("POST", f"{AUTH}/token", form=form)
    play.answer(post, {"error": "invalid_scope"}, status=400)
    assert recognised(play) == [("scope_rejected", "certain")]


def test_another_error():
    play = Play()
    where = "http://localhost:1/?error=access_denied&state=s"
    play.answer(play.request("GET", URL), status=302, headers={"Location": where})
    assert recognised(play) == []
