"""A browser that says whose it is."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from three_legged import Gateway

from replayed import header
from wiretape.replay.http.messages import Ask
from wiretape.replay.oauth.browsers import USER, user


def named(cookie: str | None) -> str | None:
    headers = {} if cookie is None else {"cookie": cookie}
    return user(Ask("https://a.test", "GET", "/", headers=headers))


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_the_user_of_the_browser_consents(who: str) -> None:
    gateway = Gateway()
    assert gateway.site(gateway.connect(who))["name"] == who


def test_it_counts_more_than_a_hint() -> None:
    gateway = Gateway()
    assert gateway.site(gateway.connect("bob", login_hint="ada"))["name"] == "bob"


def test_where_it_says_nothing_the_hint_counts_or_the_first_user_consents() -> None:
    gateway = Gateway()
    assert gateway.site(gateway.connect(login_hint="bob"))["name"] == "bob"
    assert gateway.site(gateway.connect())["name"] == "ada"


def test_a_user_who_is_none_does_not_pass_for_another() -> None:
    reply = Gateway().consent("eve")
    assert (reply.status, header(reply, "location")) == (400, None)
    assert b"wiretape_user names none of: ada, bob" in reply.body


def test_on_the_page_the_user_of_the_browser_is_chosen() -> None:
    page = Gateway(consent=True).consent("bob").body.decode()
    assert re.findall(r'value="(\w+)" checked', page) == ["bob"]


@given(name=st.text(min_size=1))
def test_any_name_can_be_said(name: str) -> None:
    try:
        written = quote(name, safe="")
    except UnicodeEncodeError:  # a half of a surrogate pair
        return
    assert named(f"a=b; {USER}={written}") == name


@given(cookie=st.text())
def test_any_cookies_are_read(cookie: str) -> None:
    assert named(cookie) is None or USER in cookie


@pytest.mark.parametrize(
    ("cookie", "who"),
    [
        (None, None),
        ("", None),
        (f"x{USER}=ada", None),
        (f"{USER}", ""),
        (f'broken{{"a": 1}}; {USER}="ada"', "ada"),
        (f"{USER}=ada; {USER}=bob", "ada"),
    ],
)
def test_the_first_of_that_name_counts(cookie: str | None, who: str | None) -> None:
    assert named(cookie) == who
