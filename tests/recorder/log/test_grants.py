from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbitrary import ENTRIES
from play import Play, call, initialize, initialized, result
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.grants import Grant, grants
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Entry

MCP = "https://mcp.example.com/mcp"
AS = "https://auth.example.com"
TOKEN = f"{AS}/token"


def token(play: Play, *, access: str | None, refresh: str | None = None, **form: str) -> int:
    """Ask for a token; without `access` it is refused."""
    post = play.request("POST", TOKEN, form=form)
    if access is None:
        play.answer(post, {"error": "invalid_grant"}, status=400)
    else:
        answer = {"access_token": access, "token_type": "bearer", "refresh_token": refresh}
        play.answer(post, {key: value for key, value in answer.items() if value is not None})
    return post


def code(
    play: Play, value: str, *, access: str | None, refresh: str | None = None, **form: str
) -> int:
    form |= {"grant_type": "authorization_code", "code": value}
    return token(play, access=access, refresh=refresh, **form)


def refresh(play: Play, old: str, *, access: str | None, refresh: str | None = None) -> int:
    form = {"grant_type": "refresh_token", "refresh_token": old}
    return token(play, access=access, refresh=refresh, **form)


def only(play: Play) -> Grant:
    (grant,) = grants(play.exchanges())
    return grant


def test_a_grant_is_the_lineage_of_its_refresh_tokens() -> None:
    play = Play()
    asked = [
        code(play, "k", access="a1", refresh="r1", client_id="c"),
        refresh(play, "r1", access="a2", refresh="r2"),
        refresh(play, "r2", access="a3", refresh="r3"),
    ]
    grant = only(play)
    assert (grant.number, grant.client_id) == (1, "c")
    assert [issue.access_token for issue in grant.issues] == ["a1", "a2", "a3"]
    assert [issue.refresh_token for issue in grant.issues] == ["r1", "r2", "r3"]
    assert [issue.exchange.number for issue in grant.issues] == asked


def test_interleaved_grants_are_kept_apart() -> None:
    play = Play()
    code(play, "k", access="a1", refresh="r1")
    code(play, "l", access="b1", refresh="s1")
    refresh(play, "s1", access="b2", refresh="s2")
    refresh(play, "r1", access="a2", refresh="r2")
    found = [[issue.access_token for issue in grant.issues] for grant in grants(play.exchanges())]
    assert found == [["a1", "a2"], ["b1", "b2"]]


def test_a_refresh_token_that_stays_the_same_keeps_the_grant() -> None:
    play = Play()
    code(play, "k", access="a1", refresh="r")
    refresh(play, "r", access="a2")
    refresh(play, "r", access="a3")
    assert len(only(play).issues) == 3


def test_refusals_belong_to_the_grant_they_were_for() -> None:
    play = Play()
    refused = [code(play, "k", access=None)]
    code(play, "k", access="a1", refresh="r1")
    refused.append(refresh(play, "r1", access=None))
    grant = only(play)
    assert [exchange.number for exchange in grant.refused] == refused
    assert len(grant.issues) == 1


def test_a_grant_that_began_before_the_recording_begins_with_its_refresh() -> None:
    play = Play()
    refresh(play, "r7", access="a8", refresh="r8")
    refresh(play, "r8", access="a9", refresh="r9")
    assert len(only(play).issues) == 2


def test_a_redirected_token_request_counts_once() -> None:
    play = Play()
    first = play.request("POST", "http://auth.example.com/token", form={"grant_type": "x"})
    play.answer(first, status=307, headers={"Location": TOKEN})
    play.answer(play.request("POST", TOKEN, form={"grant_type": "x"}), {"access_token": "a"})
    assert (len(only(play).issues), only(play).refused) == (1, ())


def test_what_led_to_a_grant_is_found() -> None:
    play = Play()

    def get(url: str, **answer: Any) -> int:
        number = play.request("GET", url)
        play.answer(number, **answer)
        return number

    not_found = get("https://mcp.example.com/.well-known/oauth-protected-resource/mcp", status=404)
    resource = get(
        "https://mcp.example.com/.well-known/oauth-protected-resource",
        json={"resource": MCP, "authorization_servers": [f"{AS}/"]},
    )
    server = get(
        f"{AS}/.well-known/oauth-authorization-server",
        json={"issuer": AS, "token_endpoint": TOKEN},
    )
    get("https://other.example.com/.well-known/openid-configuration", json={"token_endpoint": "x"})
    registration = play.request("POST", f"{AS}/register", json={"redirect_uris": ["http://l/"]})
    play.answer(registration, {"client_id": "c"}, status=201)
    authorize = f"{AS}/authorize?response_type=code&client_id=c&state="
    get(f"{authorize}given-up")
    authorization = get(f"{authorize}s1")
    consent = play.request("POST", f"{AS}/consent", form={"ok": "1"})
    play.answer(consent, status=302, headers={"Location": "http://l/?code=k&state=s1"})
    code(play, "k", access="a1", client_id="c")
    grant = only(play)
    assert [item.number for item in grant.discovery] == [not_found, resource, server]
    assert grant.registration is not None
    assert grant.registration.number == registration
    assert [item.number for item in grant.authorization] == [authorization, consent]


def test_without_the_codes_arrival_it_is_the_clients_last_authorization() -> None:
    play = Play()
    numbers = []
    for client in ("c", "c", "d"):
        url = f"{AS}/authorize?response_type=code&client_id={client}&state=s"
        numbers.append(play.request("GET", url))
        play.answer(numbers[-1], status=200, text="log in")
    code(play, "k", access="a", client_id="c")
    assert [item.number for item in only(play).authorization] == [numbers[1]]


def test_a_session_has_the_grants_whose_tokens_it_used_and_lives_through_a_refresh() -> None:
    play = Play()
    code(play, "other", access="z1", refresh="z")
    code(play, "k", access="a1", refresh="r1")
    play.answer(play.post(MCP, initialize(), {"Authorization": "Bearer a1"}), initialized())
    refresh(play, "r1", access="a2", refresh="r2")
    post = play.post(MCP, call(1, "x"), {"Authorization": "Bearer a2"}, on="c2")
    play.answer(post, result(1))
    (session,) = play.sessions()
    assert len(session.calls) == 2
    assert [grant.number for grant in session.grants] == [2]


@pytest.mark.parametrize("step", [1, -1])
def test_the_order_in_which_exchanges_ended_does_not_matter(step: int) -> None:
    play = Play()
    code(play, "k", access="a1", refresh="r1")
    refresh(play, "r1", access="a2", refresh="r2")
    (grant,) = grants(play.exchanges()[::step])
    assert [issue.access_token for issue in grant.issues] == ["a1", "a2"]


@given(st.lists(ENTRIES, max_size=40))
def test_no_sequence_raises_and_each_token_answer_is_in_one_grant(records: list[Entry]) -> None:
    found = grants(exchanges(Line(number, record) for number, record in enumerate(records, 2)))
    issued = [issue.exchange.lines.request for grant in found for issue in grant.issues]
    assert len(issued) == len(set(issued))
    assert all(grant.issues or grant.refused for grant in found)


def test_token_requests_without_code_and_refresh_token_are_each_a_grant() -> None:
    play = Play()
    for access in "ab":
        token(play, access=access, grant_type="client_credentials")
    assert len(grants(play.exchanges())) == 2


@pytest.mark.parametrize("arrival", ["seen", "not seen"])
def test_an_authorization_after_the_token_is_not_its_own(arrival: str) -> None:
    play = Play()

    def authorize() -> int:
        get = play.request("GET", f"{AS}/authorize?response_type=code&client_id=c&state=s")
        back = {"Location": f"http://l/?code={'k' if arrival == 'seen' else 'x'}&state=s"}
        play.answer(get, status=302, headers=back)
        return get

    first = authorize()
    code(play, "k", access="a", client_id="c")
    authorize()
    assert [item.number for item in only(play).authorization] == [first]
