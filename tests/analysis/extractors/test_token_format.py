"""What tokens and ids look like."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from concluded import findings
from granting import AUTHORIZE, CODE, REGISTER, SITE, TOKEN, exchange, refresh, use
from our_bridge import our_bridge
from peers.processes import ROOT
from play import Play, initialize, initialized
from players import MCP, Sse

USER, GRANT = "5b10ac8d82e05b22cc7d4ef5", "aB3dE6gH9jK2mN5p"


def token(secret: str) -> str:
    return f"{USER}:{GRANT}:{secret:0<32}"


def jwt(**claims: Any) -> str:
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "1"}, claims)
    first = [urlsafe_b64encode(msgspec.json.encode(p)).decode().rstrip("=") for p in parts]
    return ".".join([*first, "c2lnbmF0dXJl"])


def value(play: Play, id_: str) -> Any:
    return findings(play)[id_].value


def test_a_refresh_shows_which_segments_are_stable() -> None:
    play = Play()
    exchange(play, token("1a"), token("2b"))
    refresh(play, token("2b"), token("3c"), token("4d"))
    for id_ in ("token.access.shape", "token.refresh.shape"):
        shape = value(play, id_)
        assert (shape["kind"], shape["length"], shape["separator"]) == ("opaque", 74, ":")
        assert [segment["length"] for segment in shape["segments"]] == [24, 16, 32]
        assert [segment["stable"] for segment in shape["segments"]] == [True, True, False]


def test_tokens_of_different_grants_are_not_compared() -> None:
    play = Play()
    exchange(play, "a:1", "b:2")
    exchange(play, "a:3", "b:4")
    shape = value(play, "token.access.shape")
    assert [segment["stable"] for segment in shape["segments"]] == [None, None]


def test_a_token_that_was_accepted_has_a_shape_wherever_it_came_from() -> None:
    play = Play()
    use(play, "abc:def")
    assert value(play, "token.access.shape")["length"] == 7
    assert "token.refresh.shape" not in findings(play)


def test_where_any_token_will_do_the_one_in_use_has_the_shape() -> None:
    play = Play()
    for text in ("not, a token", "probe.bad.token", "k7Qx2", "k7Qx2"):
        use(play, text)
    found = findings(play)["token.access.shape"]
    assert isinstance(found.value, dict)
    assert (found.value["length"], found.count) == (5, 1)
    assert found.note == "1 of 2 are of another shape"


def test_a_token_that_was_refused_has_none() -> None:
    play = Play()
    use(play, "not-a-token", 401)
    assert not findings(play).keys() & {"token.access.shape", "token.refresh.shape"}


def test_the_shape_is_that_of_most_tokens() -> None:
    play = Play()
    for access in ("a:1", "a:2", "odd"):
        exchange(play, access)
    found = findings(play)["token.access.shape"]
    assert (found.count, found.note) == (2, "1 of 3 are of another shape")
    assert found.evidence == ((0, 3), (0, 6))


def test_claims_have_types_and_what_says_how_the_service_is_made_its_value() -> None:
    play = Play()
    exchange(play, jwt(iss=SITE, sub="u1", exp=2, iat=1, admin=True), "r1")
    exchange(play, jwt(iss=SITE, sub="u2", exp=4, iat=3, scope="read", roles=["a"], act={}))
    found = value(play, "token.access.claims")
    assert found["header"] == {
        "alg": {"type": "string", "constant": "RS256"},
        "kid": {"type": "string"},
        "typ": {"type": "string", "constant": "JWT"},
    }
    assert found["claims"] == {
        "act": {"type": "object", "optional": True},
        "admin": {"type": "boolean", "optional": True},
        "exp": {"type": "time"},
        "iat": {"type": "time"},
        "iss": {"type": "string", "constant": SITE},
        "roles": {"type": "array", "optional": True},
        "scope": {"type": "string", "optional": True},
        "sub": {"type": "string"},
    }
    assert value(play, "token.access.shape")["kind"] == "jwt"


def test_opaque_tokens_claim_nothing() -> None:
    play = Play()
    exchange(play, token("1a"))
    assert "token.access.claims" not in findings(play)


def test_a_code_has_a_shape() -> None:
    play = Play()
    play.request("POST", TOKEN, form=CODE)
    assert value(play, "code.shape")["length"] == len("code1")
    asked = play.request("GET", f"{AUTHORIZE}?response_type=code&client_id=abc&state=s")
    play.answer(asked, status=302, headers={"Location": "http://localhost/?code=code2&state=s"})
    assert findings(play)["code.shape"].count == 2


def test_a_client_id_has_a_shape() -> None:
    play = Play()
    asked = play.request("POST", REGISTER, json={"redirect_uris": ["http://localhost/"]})
    play.answer(asked, {"client_id": GRANT}, status=201)
    assert value(play, "client_id.shape")["segments"][0]["alphabet"] == "alnum"


def test_a_session_id_has_a_shape_in_a_header_and_in_an_address() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized(), headers={"Mcp-Session-Id": "0f" * 16})
    assert value(play, "session_id.shape")["length"] == 32
    play = Play()
    Sse(play, "0f" * 32)
    assert value(play, "session_id.shape")["length"] == 64


def test_without_ids_nothing_has_a_shape() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    assert not [id_ for id_ in findings(play) if id_.endswith("shape")]


@pytest.mark.parametrize("name", ["oauth-sse", "oauth-streamable"])
def test_real_tokens(name: str) -> None:
    found = findings(ROOT / f"fixtures/recordings/{name}.jsonl")
    for id_ in ("token.access.shape", "token.refresh.shape"):
        shape: Any = found[id_].value
        assert [segment["length"] for segment in shape["segments"]] == [24, 16, 32]
        assert [segment["stable"] for segment in shape["segments"]] == [True, True, False]
    shape = found["client_id.shape"].value
    assert shape["kind"] == "uuid"


def test_a_bridges_tokens_are_not_those_it_has_from_upstream() -> None:
    found = findings(our_bridge())
    own: Any = found["token.access.shape"].value
    upstream: Any = found["upstream.token.access.shape"].value
    assert (own["kind"], upstream["kind"], upstream["length"]) == ("jwt", "opaque", 74)
    assert "token.refresh.shape" not in found
    assert found["code.shape"].note is None
