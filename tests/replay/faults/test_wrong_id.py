import pytest

from misbehaving import SSE, STREAMABLE, client, told


def test_the_answer_has_another_id() -> None:
    with client(STREAMABLE, "wrong-id") as a:
        assert told(a.begin())["id"] == 0
        assert told(a.say("tools/list", 1))["id"] == "wrong"
        a.service.disarm()
        assert told(a.say("tools/list", 2))["id"] == 2


def test_on_the_stream_as_well() -> None:
    with client(SSE, "wrong-id") as a, a.stream() as events:
        events.say(events.open(), "tools/list", 1)
        assert b'"id":"wrong"' in events.next()


@pytest.mark.parametrize("method", ["ping", "initialize"])
def test_other_methods_are_left_alone(method: str) -> None:
    with client(STREAMABLE, "wrong-id:method=tools/list") as a:
        a.begin()
        assert told(a.say(method, 1))["id"] == 1
