"""Redirects: where they lead, how requests follow them, and what gets lost or leaked."""

from pathlib import Path

import pytest

from concluded import findings
from play import Headers, Json, Play, initialize, initialized
from players import MCP
from wiretape.analysis.finding import Finding
from wiretape.recorder.probe.known import USER_AGENT

TOKEN = {"Authorization": "Bearer t1"}
RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def hop(
    play: Play,
    url: str,
    to: str,
    *,
    method: str = "POST",
    status: int = 307,
    headers: Headers | None = TOKEN,
    cause: int | None = None,
) -> int:
    number = play.request(method, url, json=initialize(), headers=headers, cause=cause)
    play.answer(number, status=status, headers={"Location": to})
    return number


def follow(
    play: Play, cause: int, url: str, *, method: str = "POST", headers: Headers | None = TOKEN
) -> None:
    number = play.request(method, url, json=initialize(), headers=headers, cause=cause)
    play.answer(number, initialized())


def redirects(recording: Play | Path) -> dict[str, Finding]:
    found = findings(recording).items()
    return {id_: finding for id_, finding in found if id_.startswith("redirect.")}


def value(play: Play, name: str) -> Json:
    return redirects(play)[f"redirect.{name}"].value


def test_a_trailing_slash() -> None:
    play = Play()
    follow(play, hop(play, f"{MCP}/", "/mcp"), MCP)

    assert value(play, "/mcp/") == {
        "status": 307,
        "to": "/mcp",
        "scheme_downgrade": False,
        "method_changed": False,
        "authorization": "kept",
    }
    assert value(play, "chains") == [["POST https://…/mcp/ → 307", "POST https://…/mcp → 200"]]
    assert [place.line for place in redirects(play)["redirect./mcp/"].evidence] == [3]
    assert [place.line for place in redirects(play)["redirect.chains"].evidence] == [3, 6]


def test_down_to_http_and_back_the_request_becomes_another() -> None:
    play = Play()
    below = "http://mcp.example.com/mcp/"
    first = hop(play, MCP, below)
    second = hop(play, below, f"{MCP}/", status=301, cause=first)
    follow(play, second, f"{MCP}/", method="GET", headers={})

    assert value(play, "/mcp") == {
        "status": 307,
        "to": "http://…/mcp/",
        "scheme_downgrade": True,
        "method_changed": False,
        "authorization": "leaked",
    }
    assert value(play, "/mcp/") == {
        "status": 301,
        "to": "https://…/mcp/",
        "scheme_downgrade": False,
        "method_changed": True,
        "authorization": "dropped",
    }
    assert value(play, "chains") == [
        ["POST https://…/mcp → 307", "POST http://…/mcp/ → 301", "GET https://…/mcp/ → 200"]
    ]


@pytest.mark.parametrize(("headers", "fate"), [(TOKEN, "leaked"), ({}, "dropped")])
def test_another_host(headers: Headers, fate: str) -> None:
    play = Play()
    elsewhere = "https://elsewhere.example.com/mcp"
    follow(play, hop(play, MCP, elsewhere), elsewhere, headers=headers)

    assert value(play, "/mcp")["to"] == elsewhere
    assert value(play, "/mcp")["authorization"] == fate


def test_the_worst_counts() -> None:
    play = Play()
    for method, headers in (("GET", TOKEN), ("GET", TOKEN), ("POST", {})):
        start = hop(play, f"{MCP}/", "/mcp", method=method, status=302)
        follow(play, start, MCP, method="GET", headers=headers)

    assert value(play, "/mcp/")["method_changed"] is True
    assert value(play, "/mcp/")["authorization"] == "dropped"
    assert redirects(play)["redirect./mcp/"].count == 3


def test_what_cannot_follow_a_redirect_changed_no_method() -> None:
    play = Play()
    for status, method in ((307, "OPTIONS"), (303, "DELETE"), (308, "HEAD")):
        follow(play, hop(play, f"{MCP}/", "/mcp", method="GET", status=status), MCP, method=method)

    assert value(play, "/mcp/")["method_changed"] is None
    assert value(play, "/mcp/")["authorization"] is None
    assert "redirect.chains" not in redirects(play)


def test_a_client_may_make_a_get_of_it_against_the_status() -> None:
    play = Play()
    follow(play, hop(play, f"{MCP}/", "/mcp", status=307), MCP, method="GET")

    assert value(play, "/mcp/")["method_changed"] is True


def test_a_redirect_that_nobody_follows() -> None:
    play = Play()
    hop(play, f"{MCP}/", "/mcp", headers={})

    assert value(play, "/mcp/")["method_changed"] is None
    assert value(play, "/mcp/")["authorization"] is None
    assert "redirect.chains" not in redirects(play)


def test_a_path_that_redirects_over_http_and_over_https() -> None:
    play = Play()
    hop(play, MCP.replace("https:", "http:"), MCP)
    hop(play, MCP, "/v2/mcp")

    assert {*redirects(play)} == {"redirect./mcp", "redirect.http:/mcp"}
    assert value(play, "http:/mcp")["to"] == "https://…/mcp"


def test_a_loop_ends() -> None:
    play = Play()
    cause = None
    for _ in range(30):
        cause = hop(play, MCP, MCP, cause=cause)

    assert len(value(play, "chains")[0]) == 20


def test_redirects_of_an_authorization_are_told_elsewhere() -> None:
    play = Play()
    url = "https://auth.example.com/authorize?response_type=code&client_id=abc&state=s"
    get = play.request("GET", url)
    back = "http://localhost:1/callback?code=k&state=s"
    play.answer(get, status=302, headers={"Location": back})
    play.answer(play.request("GET", back, cause=get), text="done")

    assert not redirects(play)


def test_redirects_from_one_authorization_back_to_another_are_told_elsewhere() -> None:
    play = Play()
    url = "https://bridge.example.com/authorize?response_type=code&client_id=abc&state=s"
    beyond = "https://auth.example.com/authorize?response_type=code&client_id=def&state=t"
    callback = "https://bridge.example.com/callback?code=k&state=t"
    back = "http://localhost:1/callback?code=l&state=s"
    cause = None
    for page, location in ((url, beyond), (beyond, callback), (callback, back)):
        cause = play.request("GET", page, cause=cause)
        play.answer(cause, status=302, headers={"Location": location})

    assert not redirects(play)


def test_a_location_that_is_no_redirect() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), status=201, headers={"Location": "/mcp/1"})
    play.answer(play.post(MCP, initialize()), status=304)

    assert not redirects(play)
    assert not redirects(RECORDINGS / "oauth-sse.jsonl")


def test_a_real_recording() -> None:
    found = redirects(RECORDINGS / "redirects.jsonl")

    assert found["redirect.chains"].value == [
        ["POST https://…/mcp → 307", "POST http://…/mcp/ → 301", "GET https://…/mcp/ → 400"]
    ]
    assert {*found} == {"redirect./mcp", "redirect./mcp/", "redirect.chains"}


def test_the_probe_follows_at_once_or_not_at_all() -> None:
    """What it asks later of the same URL, in another step, is no redirected request."""
    play = Play()
    probe = TOKEN | {"User-Agent": USER_AGENT}
    left = hop(play, f"{MCP}/", "/mcp", method="GET", headers=probe)
    play.answer(play.request("OPTIONS", MCP, headers=probe), status=405)
    follow(play, left, MCP, method="GET", headers={"User-Agent": USER_AGENT})
    assert "redirect.chains" not in redirects(play)
    assert value(play, "/mcp/") == {
        "status": 307,
        "to": "/mcp",
        "scheme_downgrade": False,
        "method_changed": None,
        "authorization": None,
    }

    follow(play, hop(play, f"{MCP}/", "/mcp", headers=probe), MCP, headers=probe)
    assert value(play, "chains") == [["POST https://…/mcp/ → 307", "POST https://…/mcp → 200"]]
