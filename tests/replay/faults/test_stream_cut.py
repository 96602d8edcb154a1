import httpx
import pytest

from misbehaving import SSE, client


def test_the_stream_is_cut_in_the_middle_of_its_second_event() -> None:
    with client(SSE, "stream-cut:role=sse,after=1") as a, a.stream() as events:
        url = events.open()
        events.say(url, "tools/list", 1)
        with pytest.raises(httpx.RemoteProtocolError):
            events.next()
        assert events.read.startswith(b"event: message\ndata: {")
        assert b"\n\n" not in events.read


def test_disarmed_it_goes_on() -> None:
    with client(SSE) as a, a.stream() as events:
        url = events.open()
        events.say(url, "tools/list", 1)
        assert events.next().endswith(b"\n\n")
