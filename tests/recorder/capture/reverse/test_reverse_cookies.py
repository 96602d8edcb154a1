"""Cookies of several upstream hosts, kept by a client that sees one."""

import pytest

from wiretape.recorder.capture.reverse.cookies import Cookies

AUTH, MCP = "auth.example", "mcp.example"


@pytest.mark.parametrize(
    ("upstream", "client"),
    [
        ("a=b", "a=b"),
        ("a=b; Path=/; HttpOnly; Max-Age=5", "a=b; Path=/; HttpOnly; Max-Age=5"),
        ("a=b; Domain=auth.example; Path=/", "a=b; Path=/"),
        ("a=b; Secure; HttpOnly", "a=b; HttpOnly"),
        ("a=b; path=/;secure;samesite=none;Partitioned", "a=b; path=/"),
        ("a=b; SameSite=Lax; Secure", "a=b; SameSite=Lax"),
        ("a=secure; Secure", "a=secure"),
        ("__Host-a=b; Secure; Path=/", "__Host-a=b; Secure; Path=/"),
        ("__secure-a=b; Secure; Domain=auth.example", "__secure-a=b; Secure"),
        ("", ""),
    ],
)
def test_a_cookie_is_kept_from_plain_http_on_loopback(upstream: str, client: str) -> None:
    assert Cookies().to_client(upstream, AUTH) == client


def test_a_cookie_goes_to_the_host_that_set_it_only() -> None:
    cookies = Cookies()
    cookies.to_client("session=1; Secure", AUTH)
    cookies.to_client("__cf=2", MCP)
    both = "session=1; __cf=2; mine=3"
    assert cookies.to_upstream(both, AUTH) == "session=1; mine=3"
    assert cookies.to_upstream(both, MCP) == "__cf=2; mine=3"
    assert cookies.to_upstream("session=1", MCP) == ""


def test_a_cookie_for_a_domain_goes_to_all_of_it() -> None:
    cookies = Cookies()
    cookies.to_client("session=1; Domain=.Example", AUTH)
    assert cookies.to_upstream("session=1", MCP) == "session=1"
    assert cookies.to_upstream("session=1", "example") == "session=1"
    assert cookies.to_upstream("session=1", "notexample") == ""


def test_a_name_that_two_hosts_use_goes_to_both() -> None:
    cookies = Cookies()
    cookies.to_client("session=1", AUTH)
    cookies.to_client("session=2", MCP)
    assert cookies.to_upstream("session=2", AUTH) == "session=2"
    assert cookies.to_upstream("session=2", MCP) == "session=2"


def test_only_so_many_are_noted() -> None:
    cookies = Cookies()
    for number in range(2000):
        cookies.to_client(f"c{number}=1", AUTH)
    assert cookies.to_upstream("c0=1; c1999=1", MCP) == "c1999=1"
