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
