"""Which origins of a recording are the service's, and which are upstream."""

from comparing import compared
from concluded import concluded
from play import Json, Play, initialize, initialized
from players import MCP, Sse, Streamable
from wiretape.analysis.comparison.service import Origins, origins

SITE = MCP.removesuffix("/mcp")
AUTH, OTHER = "https://auth.example.com", "https://other.example.com"


def spoken(play: Play, url: str = MCP) -> None:
    play.answer(play.post(url, initialize()), initialized(), headers={"mcp-session-id": "1f"})


def told(play: Play, url: str, document: Json) -> None:
    play.answer(play.request("GET", url), document)


def exchanged(play: Play, url: str) -> None:
    code = {"grant_type": "authorization_code", "code": "k", "client_id": "abc"}
    asked = play.request("POST", url, form=code)
    play.answer(asked, {"access_token": f"t{url}", "token_type": "bearer", "expires_in": 60})


def test_what_the_resource_s_metadata_names_belongs_to_it() -> None:
    play = Play()
    spoken(play)
    document = {"resource": MCP, "authorization_servers": [AUTH]}
    told(play, f"{SITE}/.well-known/oauth-protected-resource/mcp", document)
    exchanged(play, f"{AUTH}/token")
    exchanged(play, f"{OTHER}/token")
    assert origins(concluded(play)) == Origins((SITE, AUTH), (OTHER,))


def test_what_the_server_s_metadata_names_belongs_to_it() -> None:
    play = Play()
    spoken(play)
    document = {"issuer": AUTH, "token_endpoint": f"{AUTH}/token"}
    told(play, f"{SITE}/.well-known/oauth-authorization-server", document)
    exchanged(play, f"{OTHER}/token")
    exchanged(play, f"{AUTH}/token")
    assert origins(concluded(play)) == Origins((SITE, AUTH), (OTHER,))


def test_its_own_token_endpoint_comes_before_others() -> None:
    play = Play()
    spoken(play)
    exchanged(play, f"{SITE}/token")
    exchanged(play, f"{OTHER}/token")
    assert origins(concluded(play)) == Origins((SITE,), (OTHER,))


def test_without_metadata_tokens_from_elsewhere_are_for_the_service() -> None:
    play = Play()
    exchanged(play, f"{AUTH}/token")
    spoken(play)
    assert origins(concluded(play)) == Origins((SITE, AUTH))


def test_a_redirect_to_another_scheme_stays_with_the_service() -> None:
    play = Play()
    plain = MCP.replace("https://", "http://")
    first = play.post(MCP, initialize())
    play.answer(first, status=307, headers={"location": plain})
    play.answer(play.post(plain, initialize(), cause=first), initialized())
    assert origins(concluded(play)).upstream == ()


def test_of_two_mcp_services_it_is_the_one_spoken_to_first_or_chosen() -> None:
    play = Play()
    spoken(play)
    spoken(play, f"{OTHER}/mcp")
    analysis = concluded(play)
    assert origins(analysis) == Origins((SITE,), (OTHER,))
    assert origins(analysis, {OTHER}) == Origins((OTHER,), (SITE,))
    assert origins(analysis, {AUTH}) == Origins((SITE,), (OTHER,))


def test_a_recording_without_mcp_has_what_it_has() -> None:
    play = Play()
    exchanged(play, f"{AUTH}/token")
    assert origins(concluded(play)) == Origins((AUTH,))
    assert origins(concluded(Play())) == Origins(())


def test_a_bridge_does_not_speak_the_transport_of_its_upstream() -> None:
    """A bridge from streamable HTTP to HTTP+SSE, compared with a service of HTTP+SSE."""
    reference, bridge = Play(), Play()
    Streamable(bridge, "1f", f"{OTHER}/mcp")
    for play in (reference, bridge):
        Sse(play, "a" * 40)
    found = compared(reference, bridge)
    assert (found.subject.service, found.subject.upstream) == ((OTHER,), (SITE,))
    assert "transport.kinds" in {each.finding for each in found.unseen}
