import httpx
import pytest

from misbehaving import STREAMABLE, client


def test_the_connection_is_reset_at_the_second_call() -> None:
    with client(STREAMABLE, "connection-reset:method=tools/list,nth=2") as a:
        a.begin()
        assert a.say("tools/list", 1).status_code == 200
        with pytest.raises(httpx.ReadError, match="reset"):
            a.say("tools/list", 2)
        assert a.say("tools/list", 3).status_code == 200


def test_connections_are_refused_until_it_is_disarmed() -> None:
    with client(STREAMABLE, "connection-refused") as a:
        with pytest.raises((httpx.ConnectError, httpx.ReadError)):
            a.begin()
        with pytest.raises(httpx.ConnectError):
            a.begin()
        a.service.disarm()
        assert a.begin().status_code == 200


def test_the_endpoint_is_unavailable() -> None:
    with client(STREAMABLE, "unavailable:times=1") as a:
        refused = a.begin()
        assert (refused.status_code, refused.headers.get("retry-after")) == (503, None)
        assert a.begin().status_code == 200


def test_the_endpoint_is_asked_too_often() -> None:
    with client(STREAMABLE, "unavailable:status=429,retry_after=7,method=tools/list") as a:
        assert a.begin().status_code == 200
        refused = a.say("tools/list", 1)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")


def test_a_call_is_redirected_to_another_origin() -> None:
    elsewhere = "http://127.0.0.1:9/mcp"
    with client(STREAMABLE) as a:
        a.begin()
        a.service.arm("redirect-elsewhere", to=elsewhere, method="tools/list")
        led = a.say("tools/list", 1)
        assert (led.status_code, led.headers["location"]) == (307, elsewhere)
        assert a.say("tools/call", 2).status_code == 200


def test_a_redirect_has_the_status_that_is_chosen() -> None:
    with client(STREAMABLE, "redirect-elsewhere:status=301,times=1") as a:
        assert a.begin().status_code == 301
        assert a.begin().status_code == 200
