"""Redirects and what follows them."""

from wiretape.recorder.capture.redirects import Redirects


def test_a_target_is_followed_once():
    redirects = Redirects()
    redirects.note(1, "https://a.example/x", 302, [(b"Location", b"/y?z#f")])
    assert redirects.follow("https://a.example/y?z") == 1
    assert redirects.follow("https://a.example/y?z") is None


def test_only_redirects_redirect():
    redirects = Redirects()
    redirects.note(1, "https://a.example/x", 201, [(b"Location", b"/y")])
    assert redirects.follow("https://a.example/y") is None


def test_of_two_redirects_to_one_target_the_later_one_is_the_cause():
    redirects = Redirects()
    for exchange in (1, 2):
        redirects.note(exchange, "https://a.example/x", 307, [(b"location", b"/y")])
    assert redirects.follow("https://a.example/y") == 2


def test_default_ports_and_case_of_the_host_do_not_matter():
    redirects = Redirects()
    redirects.note(1, "http://a.example/", 301, [(b"location", b"https://A.example:443")])
    assert redirects.follow("https://a.example/") == 1


def test_a_location_that_is_no_url_is_passed_over():
    redirects = Redirects()
    redirects.note(1, "http://a.example/", 301, [(b"location", b"http://[broken")])
    assert redirects.follow("http://a.example/") is None


def test_redirects_that_nobody_follows_are_forgotten():
    redirects = Redirects()
    for exchange in range(5000):
        redirects.note(exchange, "http://a.example/", 302, [(b"location", b"/%d" % exchange)])
    assert redirects.follow("http://a.example/0") is None
    assert redirects.follow("http://a.example/4999") == 4999
