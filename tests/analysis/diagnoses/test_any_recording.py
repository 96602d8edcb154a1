"""All failures in one recording, and whatever is left of it when records are lost or mixed up."""

from pkgutil import iter_modules

from hypothesis import given
from hypothesis import strategies as st

from concluded import diagnoses
from play import Play, call, initialize
from players import MCP, SSE, Streamable
from wiretape.analysis import diagnoses as known
from wiretape.analysis.analyse import concluded
from wiretape.analysis.folding.audience import Audience
from wiretape.analysis.folding.fold import Fold
from wiretape.analysis.observers import observers
from wiretape.recorder.log.records import Entry

AUTH = "https://auth.example.com"
TOKEN = f"{AUTH}/token"
AUTHORIZE = f"{AUTH}/authorize?response_type=code&client_id=abc&state=s&scope=read"
BEARER = {"Authorization": "Bearer t1"}


def troubles() -> Play:
    play = Play()
    _of_grants(play)
    _of_transport(play)
    play.answer(play.post(MCP, initialize()), {"error": "invalid_token"}, status=401)
    metadata = play.request("GET", "https://mcp.example.com/.well-known/openid-configuration")
    play.answer(metadata, {"issuer": AUTH})
    return play


def _of_grants(play: Play) -> None:
    back = "http://localhost:1/?state=s"
    for answer in ("&error=invalid_scope", "&error=server_error", "&code=k"):
        page = play.request("GET", AUTHORIZE)
        play.answer(page, status=302, headers={"Location": back + answer})
    code = {"grant_type": "authorization_code", "code": "k", "client_id": "abc"}
    play.answer(play.request("POST", TOKEN, form=code), {"error": "access_denied"}, status=401)
    play.answer(play.request("POST", TOKEN, form=code), {"access_token": "t1"})
    challenge = {"WWW-Authenticate": "Bearer"}
    play.answer(play.listen(MCP, BEARER), status=401, headers=challenge)
    play.answer(play.request("GET", AUTHORIZE), status=302, headers={"Location": f"{back}&code=l"})
    asked = {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "abc"}
    for answer, status in (({"access_token": "t2", "refresh_token": "r2"}, 200), ({}, 400)):
        refused = answer or {"error": "invalid_grant"}
        play.answer(play.request("POST", TOKEN, form=asked), refused, status=status)
    refused = {"error": "invalid_request"}
    play.answer(play.request("POST", TOKEN, json=asked), refused, status=400)


def _of_transport(play: Play) -> None:
    post = play.post(f"{MCP}/slash", initialize())
    play.answer(post, status=307, headers={"Location": f"{MCP}/slash/"})
    play.answer(play.listen(f"{MCP}/slash/", cause=post), text="", status=405)
    play.fail(play.post("https://nowhere.example.com/mcp", initialize()))
    refused = {"error": "cloud id is missing"}
    play.answer(play.post(f"{MCP}/site", initialize(), BEARER), refused, status=400)
    play.answer(play.post(f"{MCP}/twice", initialize(), {"Accept": "*/*"}), {}, status=400)
    refused = {"error": "Not Acceptable"}
    play.answer(play.post(f"{MCP}/old", initialize()), refused, status=406)
    agent = {"User-Agent": "streamable"}
    play.answer(play.post(SSE, initialize(), agent), text="Method Not Allowed", status=405)
    session = Streamable(play, "1f", url=f"{MCP}/lost")
    for number in range(2):
        play.answer(session.post(call(number, "ping")), text="Session not found", status=404)
    page = {"mcp-session-id": "2e", "access-control-allow-origin": "*"}
    play.answer(play.post(f"{MCP}/page", initialize()), {}, headers=page)
    for _ in range(3):
        stream = play.listen(f"{MCP}/cut?access_token=t1", {"mcp-session-id": "3f"})
        play.stream(stream)
        play.later(60)
        play.end(stream, "server abort")


def test_each_is_recognised_beside_all_others():
    found = [each.id for each in diagnoses(troubles())]
    assert found == [module.name for module in iter_modules(known.__path__)]


RECORDS = st.lists(st.sampled_from(troubles().records), max_size=120)


@given(RECORDS | st.permutations(troubles().records))
def test_nothing_raises_whatever_is_lost_or_mixed_up(records: list[Entry]):
    audience = Audience(observers())
    fold = Fold(audience, 0)
    for number, record in enumerate(records, 2):
        fold.add(number, record)
    fold.finish()
    concluded(audience.learnt())
