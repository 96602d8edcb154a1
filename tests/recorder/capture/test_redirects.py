"""Redirects and what follows them."""

import pytest

from wiretape.recorder.capture.redirects import Ask, Redirects


def ask(method: str, url: str, client: bytes = b"one") -> Ask:
    return Ask.of(method, url, [(b"Accept", b"*/*"), (b"User-Agent", client)])


def test_a_target_is_followed_once():
    redirects = Redirects()
    start = ask("GET", "https://a.example/x")
    redirects.note(1, start, 302, [(b"Location", b"/y?z#f")], 0)
    assert redirects.follow(ask("GET", "https://a.example/y?z"), 0) == 1
    assert redirects.follow(ask("GET", "https://a.example/y?z"), 0) is None


def test_only_redirects_redirect():
    redirects = Redirects()
    for status in (200, 201, 300, 304, 400):
        redirects.note(1, ask("POST", "https://a.example/x"), status, [(b"Location", b"/y")], 0)
    assert redirects.follow(ask("POST", "https://a.example/y"), 0) is None


@pytest.mark.parametrize(
    ("status", "method", "followers"),
    [
        (301, "POST", {"POST", "GET"}),
        (302, "POST", {"POST", "GET"}),
        (303, "DELETE", {"DELETE", "GET"}),
        (303, "HEAD", {"HEAD"}),
        (307, "GET", {"GET"}),
        (307, "POST", {"POST"}),
        (308, "POST", {"POST"}),
    ],
)
def test_the_method_must_be_one_that_the_status_leads_to(status, method, followers):
    for follower in ("GET", "HEAD", "POST", "DELETE", "OPTIONS"):
        redirects = Redirects()
        start = ask(method, "https://a.example/mcp/")
        redirects.note(1, start, status, [(b"location", b"/mcp")], 0)
        found = redirects.follow(ask(follower, "https://a.example/mcp"), 0.1)
        assert found == (1 if follower in followers else None)


def test_another_client_does_not_follow():
    redirects = Redirects()
    start = ask("GET", "https://a.example/x")
    redirects.note(1, start, 307, [(b"location", b"/y")], 0)
    assert redirects.follow(ask("GET", "https://a.example/y", b"two"), 0.1) is None
    assert redirects.follow(Ask.of("GET", "https://a.example/y", []), 0.1) is None
    assert redirects.follow(ask("GET", "https://a.example/y"), 0.2) == 1


def test_what_comes_late_follows_nothing():
    redirects = Redirects()
    start = ask("GET", "https://a.example/x")
    redirects.note(1, start, 307, [(b"location", b"/y")], 100)
    assert redirects.follow(ask("GET", "https://a.example/y"), 160) is None


def test_of_two_redirects_to_one_target_the_later_one_is_the_cause():
    redirects = Redirects()
    for exchange in (1, 2):
        start = ask("GET", "https://a.example/x")
        redirects.note(exchange, start, 307, [(b"location", b"/y")], 0)
    assert redirects.follow(ask("GET", "https://a.example/y"), 0) == 2


def test_of_two_redirects_to_one_target_that_counts_which_fits():
    redirects = Redirects()
    for exchange, method in ((1, "POST"), (2, "GET")):
        start = ask(method, "https://a.example/x")
        redirects.note(exchange, start, 307, [(b"location", b"/y")], 0)
    assert redirects.follow(ask("POST", "https://a.example/y"), 0) == 1


def test_default_ports_and_case_of_the_host_do_not_matter():
    redirects = Redirects()
    start = ask("GET", "http://a.example/")
    redirects.note(1, start, 301, [(b"location", b"https://A.example:443")], 0)
    assert redirects.follow(ask("GET", "https://a.example/"), 0) == 1


def test_a_location_that_is_no_url_is_passed_over():
    redirects = Redirects()
    start = ask("GET", "http://a.example/")
    redirects.note(1, start, 301, [(b"location", b"http://[broken")], 0)
    assert redirects.follow(ask("GET", "http://a.example/"), 0) is None


def test_redirects_that_nobody_follows_are_forgotten():
    redirects = Redirects()
    start = ask("GET", "http://a.example/")
    for exchange in range(5000):
        redirects.note(exchange, start, 302, [(b"location", b"/%d" % exchange)], 0)
    assert redirects.follow(ask("GET", "http://a.example/0"), 0) is None
    assert redirects.follow(ask("GET", "http://a.example/4999"), 0) == 4999
