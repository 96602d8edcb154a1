"""The token endpoint: what it refuses, loses, and answers instead."""

from threading import Thread
from urllib.parse import parse_qs

import httpx
import pytest

from misbehaving import SSE, STREAMABLE, Client, client, waits_for

INSTEAD = {
    "token-error": 500,
    "token-error:status=502": 502,
    "token-rate-limited": 429,
    "token-html": 503,
    "token-html:status=200": 200,
}
REFUSED = ("invalid-grant", "refresh-token-used")


def calls(a: Client) -> bool:
    """Tell whether a token is good."""
    return a.begin().status_code == 200


@pytest.mark.parametrize("fault", REFUSED)
@pytest.mark.parametrize("profile", [SSE, STREAMABLE])
def test_a_refresh_is_refused(fault: str, profile: str) -> None:
    with client(profile, f"{fault}:times=1") as a:
        answer = a.refresh()
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_grant"
        assert a.service.journal[-1].faults == [fault]


@pytest.mark.parametrize("fault", REFUSED)
def test_codes_are_still_taken(fault: str) -> None:
    with client(STREAMABLE, fault) as a:
        a.grant()
        assert calls(a)


def test_after_an_invalid_grant_the_tokens_are_what_they_were() -> None:
    with client(STREAMABLE, "invalid-grant:times=1") as a:
        a.refresh()
        assert calls(a)
        assert a.refresh().status_code == 200


def test_after_a_reuse_all_tokens_of_the_grant_are_gone() -> None:
    with client(STREAMABLE, "refresh-token-used:times=1") as a:
        assert "used already" in a.refresh().json()["error_description"]
        assert not calls(a)
        assert a.refresh().json()["error"] == "invalid_grant"
        a.grant()
        assert calls(a)


def test_the_answer_is_cut_off_after_the_rotation() -> None:
    with client(STREAMABLE, "rotation-lost:times=1") as a:
        with pytest.raises(httpx.RemoteProtocolError):
            a.refresh()
        entry = a.service.journal[-1]
        assert (entry.status, entry.faults) == (200, ["rotation-lost"])
        assert a.refresh().json()["error"] == "invalid_grant"


def test_a_refused_refresh_does_not_count_as_a_lost_rotation() -> None:
    with client(STREAMABLE, "rotation-lost:times=1") as a:
        good = a.tokens
        a.tokens = good | {"refresh_token": "nobody"}
        assert a.refresh().status_code in {400, 401}
        a.tokens = good
        with pytest.raises(httpx.RemoteProtocolError):
            a.refresh()


@pytest.mark.parametrize(("fault", "status"), INSTEAD.items())
def test_it_answers_something_else_and_tokens_stay_as_they_are(fault: str, status: int) -> None:
    joint = "," if ":" in fault else ":"
    with client(STREAMABLE, f"{fault}{joint}times=1") as a:
        answer = a.refresh()
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/")
        assert a.begin().status_code == 200
        again = a.refresh()
        assert again.status_code == 200
        assert set(again.json()) == set(a.tokens)


def test_it_says_when_to_come_again() -> None:
    with client(STREAMABLE, "token-rate-limited:retry_after=7") as a:
        assert a.refresh().headers["retry-after"] == "7"


def test_a_page_is_html() -> None:
    with client(STREAMABLE, "token-html") as a:
        answer = a.refresh()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text.startswith("<!doctype html>")


def test_tokens_come_form_encoded_and_are_good() -> None:
    with client(STREAMABLE, "token-not-json") as a:
        answer = a.refresh()
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-www-form-urlencoded"
        found = {name: values[0] for name, values in parse_qs(answer.text).items()}
        assert set(found) == set(a.tokens)
        a.headers["authorization"] = f"Bearer {found['access_token']}"
        assert calls(a)


def test_it_takes_its_time() -> None:
    with client(STREAMABLE, "token-slow:seconds=90") as a:
        answers: list[int] = []
        refresh = Thread(target=lambda: answers.append(a.refresh().status_code))
        refresh.start()
        waits_for(lambda: a.service.journal[-1].faults == ["token-slow"])
        a.service.clock.advance(89)
        assert calls(a)
        assert not answers
        a.service.clock.advance(1)
        refresh.join(5)
        assert answers == [200]


def test_a_token_is_over_when_its_answer_said() -> None:
    with client(STREAMABLE, "short-lived:seconds=5") as a:
        a.grant()
        assert a.tokens["expires_in"] == 5
        a.service.clock.advance(4)
        assert calls(a)
        a.service.clock.advance(1)
        assert a.begin().status_code == 401
