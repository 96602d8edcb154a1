import pytest

from play import Play, call, initialize, result
from players import MCP
from recognised import recognised

SITE = "https://mcp.example.com"
OAUTH, OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"


def found(url: str, issuer: str) -> Play:
    """Let a client be refused, and look for metadata."""
    play = Play()
    play.answer(play.post(MCP, initialize()), {"error": "invalid_token"}, status=401)
    look(play, url, issuer)
    return play


def look(play: Play, url: str, issuer: str) -> None:
    document = {"issuer": issuer, "token_endpoint": f"{issuer}/token"}
    play.answer(play.request("GET", url), document)


def test_a_client_that_gives_up():
    play = found(SITE + OAUTH, "https://auth.example.com")
    assert recognised(play) == [("issuer_mismatch", "likely")]


def test_whoever_was_not_refused_may_only_be_looking():
    play = Play()
    look(play, SITE + OAUTH, "https://auth.example.com")
    play.answer(play.post(MCP, initialize()), {"error": "invalid_token"}, status=401)
    assert recognised(play) == []


def test_a_client_that_finds_what_fits_elsewhere():
    play = found(f"{SITE}{OAUTH}/mcp", SITE)
    look(play, SITE + OAUTH, SITE)
    assert recognised(play) == []


def test_a_client_that_has_a_token_already():
    play = found(SITE + OAUTH, "https://auth.example.com")
    play.answer(play.post(MCP, call(1, "ping"), {"Authorization": "Bearer t1"}), result(1))
    assert recognised(play) == []


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
        (SITE + OAUTH, "https://MCP.example.com:443"),
    ],
)
def test_an_issuer_is_where_it_is_found(url: str, issuer: str):
    assert recognised(found(url, issuer)) == []
