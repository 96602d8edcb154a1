import pytest

from play import Play
from recognised import recognised

SITE = "https://mcp.example.com"
OAUTH, OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"


def found(url: str, issuer: str) -> Play:
    play = Play()
    document = {"issuer": issuer, "token_endpoint": f"{issuer}/token"}
    play.answer(play.request("GET", url), document)
    return play


def test_a_client_that_gives_up():
    play = found(SITE + OAUTH, "https://auth.example.com")
    assert recognised(play) == [("issuer_mismatch", "likely")]


def test_a_client_that_goes_on():
    play = found(SITE + OAUTH, "https://auth.example.com")
    post = play.request("POST", f"{SITE}/register", json={"redirect_uris": ["http://localhost/"]})
    play.answer(post, {"client_id": "abc"}, status=201)
    assert recognised(play) == []


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        (SITE + OAUTH, SITE),
        (SITE + OAUTH, f"{SITE}/"),
        (f"{SITE}{OAUTH}/tenant", f"{SITE}/tenant"),
        (f"{SITE}/tenant{OPENID}", f"{SITE}/tenant"),
        (f"{SITE}{OPENID}/tenant", f"{SITE}/tenant"),
        (f"{SITE}:443{OAUTH}", SITE),
    ],
)
def test_an_issuer_is_where_it_is_found(url: str, issuer: str):
    assert recognised(found(url, issuer)) == []
