from play import Play, initialize
from players import MCP
from recognised import recognised

AUTH = "https://auth.example.com"
METADATA = f"{AUTH}/.well-known/oauth-authorization-server"


def authorize(play: Play, scope: str, *, token: str = "t1", refresh: bool = False) -> None:
    query = f"response_type=code&client_id=abc&state=s&scope={scope}"
    get = play.request("GET", f"{AUTH}/authorize?{query}")
    play.answer(get, status=302, headers={"Location": "http://localhost:1/?code=k&state=s"})
    form = {"grant_type": "authorization_code", "code": "k"}
    post = play.request("POST", f"{AUTH}/token", form=form)
    issued = {"access_token": token, "expires_in": 3600}
    play.answer(post, issued | ({"refresh_token": "r"} if refresh else {}))


def offered(play: Play) -> None:
    scopes = {"issuer": AUTH, "scopes_supported": ["read", "offline_access"]}
    play.answer(play.request("GET", METADATA), scopes)


def refused(play: Play, token: str = "t1") -> None:
    post = play.post(MCP, initialize(), {"Authorization": f"Bearer {token}"})
    play.answer(post, {"error": "invalid_token"}, status=401)


def test_the_user_is_asked_again():
    play = Play()
    authorize(play, "read")
    refused(play)
    authorize(play, "read", token="t2")
    assert recognised(play) == [("offline_access_missing", "possible")]


def test_it_is_surer_where_the_server_offers_it():
    play = Play()
    offered(play)
    authorize(play, "read")
    refused(play)
    assert recognised(play) == [("offline_access_missing", "likely")]
    authorize(play, "read", token="t2")
    assert recognised(play) == [("offline_access_missing", "certain")]


def test_a_token_that_is_still_taken():
    play = Play()
    offered(play)
    authorize(play, "read")
    refused(play, "another")
    assert recognised(play) == []


def test_a_server_that_gives_refresh_tokens_anyway():
    play = Play()
    offered(play)
    authorize(play, "read", refresh=True)
    refused(play)
    authorize(play, "read", refresh=True)
    assert recognised(play) == []


def test_a_refresh_that_leaves_the_refresh_token_as_it_is():
    play = Play()
    offered(play)
    authorize(play, "read", refresh=True)
    form = {"grant_type": "refresh_token", "refresh_token": "r"}
    play.answer(play.request("POST", f"{AUTH}/token", form=form), {"access_token": "t2"})
    refused(play, "t2")
    assert recognised(play) == []


def test_a_client_that_asks_for_it():
    play = Play()
    offered(play)
    authorize(play, "read%20offline_access")
    refused(play)
    authorize(play, "read%20offline_access", token="t2")
    assert recognised(play) == []
