"""What browsers are allowed, and what follows for a client that runs in one."""

from pathlib import Path

import pytest

from concluded import findings
from play import Headers, Json, Play, initialize, initialized
from players import MCP
from wiretape.analysis.finding import Finding

PAGE = "https://page.example.com"
TOKEN = "https://auth.example.com/token"
RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
OFFICIAL = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Content-Type, mcp-session-id",
    "access-control-expose-headers": "mcp-session-id",
    "access-control-max-age": "86400",
}
WIDE = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "Authorization, *",
    "access-control-expose-headers": "*",
}


def preflight(
    play: Play,
    allowed: Headers,
    *,
    url: str = MCP,
    asking: str | None = "authorization,content-type",
    origin: str = PAGE,
    status: int = 204,
) -> None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": asking,
    }
    play.answer(play.request("OPTIONS", url, headers=headers), status=status, headers=allowed)


def call(
    play: Play,
    allowed: Headers,
    *,
    origin: str | None = PAGE,
    status: int = 200,
    auth: bool = True,
) -> None:
    sent = {"Origin": origin, "Authorization": "Bearer t1" if auth else None}
    play.answer(play.post(MCP, initialize(), sent), initialized(), status=status, headers=allowed)


def cors(recording: Play | Path) -> dict[str, Finding]:
    found = findings(recording).items()
    return {id_: finding for id_, finding in found if id_.startswith("cors.")}


def values(play: Play) -> dict[str, Json]:
    return {id_.removeprefix("cors.mcp."): each.value for id_, each in cors(play).items()}


def test_what_the_official_service_allows() -> None:
    play = Play()
    preflight(play, OFFICIAL)
    call(play, OFFICIAL, status=401, auth=False)
    call(play, OFFICIAL)
    allowed = {
        "allow_origin": "*",
        "allow_methods": ["GET", "OPTIONS", "POST"],
        "allow_headers": ["Content-Type", "mcp-session-id"],
        "expose_headers": ["mcp-session-id"],
        "max_age": 86400,
        "allow_credentials": False,
    }

    assert values(play) == {
        "preflight": {"status": 204} | allowed,
        "actual": allowed,
        "refused": {"status": 401} | allowed,
        "browser": {
            "may_call": False,
            "may_use": ["GET", "POST"],
            "may_send": ["Content-Type", "Mcp-Session-Id"],
            "may_read": ["Mcp-Session-Id"],
        },
    }
    assert cors(play)["cors.mcp.browser"].note == "may not send Authorization"


def test_all_that_a_browser_needs() -> None:
    play = Play()
    preflight(play, WIDE)
    call(play, WIDE)

    assert values(play)["browser"] == {
        "may_call": True,
        "may_use": ["DELETE", "GET", "POST"],
        "may_send": [
            "Authorization",
            "Content-Type",
            "Last-Event-ID",
            "Mcp-Protocol-Version",
            "Mcp-Session-Id",
        ],
        "may_read": ["Mcp-Session-Id", "WWW-Authenticate"],
    }


def test_a_star_does_not_stand_for_authorization() -> None:
    play = Play()
    preflight(play, WIDE | {"access-control-allow-headers": "*"})
    call(play, WIDE)

    browser = values(play)["browser"]

    assert browser["may_call"] is False
    assert "Authorization" not in browser["may_send"]
    assert "Mcp-Session-Id" in browser["may_send"]


def test_a_service_without_tokens_needs_no_authorization() -> None:
    play = Play()
    preflight(play, OFFICIAL)
    call(play, OFFICIAL, auth=False)

    assert values(play)["browser"]["may_call"] is True


@pytest.mark.parametrize("status", [400, 401, 404, 405, 301])
def test_a_preflight_must_succeed(status: int) -> None:
    play = Play()
    preflight(play, WIDE, status=status)
    call(play, WIDE)

    browser = values(play)["browser"]

    assert (browser["may_call"], browser["may_use"], browser["may_send"]) == (False, [], [])


@pytest.mark.parametrize("allowed", [None, "null", "https://other.example.com", "*, *"])
def test_an_answer_must_allow_the_origin(allowed: str | None) -> None:
    play = Play()
    preflight(play, WIDE)
    call(play, WIDE | {"access-control-allow-origin": allowed})

    browser = values(play)["browser"]

    assert (browser["may_call"], browser["may_read"]) == (False, [])


def test_a_refusal_without_cors_hides_its_challenge() -> None:
    play = Play()
    preflight(play, WIDE)
    call(play, WIDE)
    call(play, {}, status=401)

    browser = values(play)["browser"]

    assert browser["may_call"] is True
    assert browser["may_read"] == ["Mcp-Session-Id"]


def test_what_was_not_seen_is_not_known() -> None:
    play = Play()
    call(play, WIDE)

    assert values(play)["browser"] == {
        "may_call": None,
        "may_use": None,
        "may_send": None,
        "may_read": ["Mcp-Session-Id", "WWW-Authenticate"],
    }


def test_nothing_but_a_preflight() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    preflight(play, WIDE)

    browser = values(play)["browser"]

    assert (browser["may_call"], browser["may_read"]) == (None, None)


def test_a_form_needs_no_preflight() -> None:
    play = Play()
    form = {"grant_type": "refresh_token", "refresh_token": "r"}
    post = play.request("POST", TOKEN, form=form, headers={"Origin": PAGE})
    play.answer(post, {}, headers={"access-control-allow-origin": "*"})

    browser = cors(play)["cors.token.browser"].value

    assert isinstance(browser, dict)
    assert browser["may_call"] is True


@pytest.mark.parametrize(
    ("origins", "doubtful"), [([PAGE, "https://two.example.com"], False), ([PAGE, PAGE], True)]
)
def test_a_reflected_origin(origins: list[str], doubtful: bool) -> None:
    play = Play()
    for origin in origins:
        call(play, {"access-control-allow-origin": origin}, origin=origin)

    finding = cors(play)["cors.mcp.actual"]

    assert isinstance(finding.value, dict)
    assert finding.value["allow_origin"] == "(the request's origin)"
    assert finding.count == 2
    assert bool(finding.note) is doubtful


def test_headers_repeated_as_asked_for() -> None:
    play = Play()
    for asking in ("authorization, content-type", "content-type,mcp-session-id"):
        preflight(play, WIDE | {"access-control-allow-headers": asking}, asking=asking)
    call(play, WIDE)

    found = values(play)

    assert found["preflight"]["allow_headers"] == ["(the headers asked for)"]
    assert "Mcp-Protocol-Version" in found["browser"]["may_send"]


def test_a_page_of_the_same_origin_learns_nothing() -> None:
    play = Play()
    call(play, {}, origin="https://mcp.example.com")

    assert not cors(play)


def test_without_an_origin_nothing_is_missing() -> None:
    play = Play()
    call(play, {}, origin=None)
    call(play, {}, origin=None, status=401)
    play.answer(play.request("OPTIONS", MCP), status=405)

    assert not cors(play)
    assert not cors(RECORDINGS / "oauth-streamable.jsonl")
    assert not cors(RECORDINGS / "mcp-atlassian.jsonl")


def test_an_authorization_page_is_not_called() -> None:
    play = Play()
    query = "response_type=code&client_id=abc"
    get = play.request("GET", f"https://auth.example.com/authorize?{query}")
    play.answer(get, status=200, headers={"access-control-allow-origin": "*"})

    assert [*cors(play)] == ["cors.authorization.actual"]


def test_pages_and_what_they_load_are_left_out() -> None:
    play = Play()
    get = play.request("GET", "https://fonts.example.com/a.woff", headers={"Origin": PAGE})
    play.answer(get, status=200, headers={"access-control-allow-origin": "*"})

    assert not cors(play)


def test_a_preflight_that_is_refused_may_be_all_there_is() -> None:
    play = Play()
    preflight(play, {}, status=405)

    assert [*cors(play)] == ["cors.other.preflight", "cors.other.browser"]


def test_one_header_too_many_says_nothing_of_the_others() -> None:
    """Starlette refuses a preflight with 400 for one header, and names those that it allows."""
    play = Play()
    asking = "authorization,content-type,mcp-session-id"
    preflight(play, OFFICIAL, asking=asking, status=400)
    call(play, OFFICIAL, auth=False)

    browser = cors(play)["cors.mcp.browser"]

    assert isinstance(browser.value, dict)
    assert browser.value["may_send"] == ["Content-Type", "Mcp-Session-Id"]
    assert browser.value["may_use"] == ["GET", "POST"]
    assert browser.value["may_call"] is True
    assert "inferred" in (browser.note or "")


def test_a_header_that_is_needed_and_not_named_may_not_be_sent() -> None:
    play = Play()
    preflight(play, OFFICIAL, status=400)
    call(play, OFFICIAL)

    browser = cors(play)["cors.mcp.browser"]

    assert isinstance(browser.value, dict)
    assert browser.value["may_call"] is False
    assert (browser.note or "").startswith("may not send Authorization; ")


def test_a_preflight_that_passes_needs_no_inference() -> None:
    play = Play()
    preflight(play, OFFICIAL, asking="content-type")
    preflight(play, OFFICIAL | {"access-control-allow-headers": "x-other"}, status=400)
    call(play, OFFICIAL, auth=False)

    browser = cors(play)["cors.mcp.browser"]

    assert isinstance(browser.value, dict)
    assert browser.value["may_send"] == ["Content-Type", "Mcp-Session-Id"]
    assert browser.note is None


def test_a_refusal_of_several_headers_that_names_none_leaves_open_which() -> None:
    play = Play()
    nothing = {"access-control-allow-origin": "*"}
    preflight(play, nothing, status=400)
    call(play, nothing)

    browser = values(play)["browser"]

    assert (browser["may_call"], browser["may_send"]) == (None, None)


def test_the_only_header_asked_for_was_refused_by_itself() -> None:
    play = Play()
    nothing = {"access-control-allow-origin": "*"}
    preflight(play, nothing, asking="content-type", status=400)
    call(play, nothing)

    browser = values(play)["browser"]

    assert (browser["may_call"], browser["may_send"]) == (False, [])
