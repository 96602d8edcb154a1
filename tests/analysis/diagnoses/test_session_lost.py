import pytest

from play import Play, call, failure, result
from players import Sse, Streamable
from recognised import recognised


def lost(session: Streamable | Sse, number: int, status: int = 404) -> None:
    session.play.answer(session.post(call(number, "ping")), text="Session not found", status=status)


@pytest.mark.parametrize(("times", "confidence"), [(2, "likely"), (3, "certain")])
@pytest.mark.parametrize("status", [404, 400])
def test_a_client_goes_on(times: int, confidence: str, status: int):
    play = Play()
    session = Streamable(play, "1f")
    for number in range(times):
        lost(session, number, status)
    assert recognised(play) == [("session_lost", confidence)]


def test_a_client_goes_on_and_is_then_started_anew():
    play = Play()
    session = Streamable(play, "1f")
    for number in range(2):
        lost(session, number)
    Streamable(play, "2e")
    assert recognised(play) == [("session_lost", "likely")]


def test_a_client_that_begins_anew_at_once():
    play = Play()
    for name in ("1f", "2e"):
        session = Streamable(play, name)
        lost(session, 1)
    play.answer(Streamable(play, "3d").post(call(1, "ping")), result(1))
    assert recognised(play) == []


def test_messages_that_were_on_their_way_do_not_count():
    play = Play()
    session = Streamable(play, "1f")
    both = [session.post(call(number, "ping"), on=f"c{number}") for number in (1, 2)]
    for post in both:
        play.answer(post, text="Session not found", status=404)
    Streamable(play, "2e")
    assert recognised(play) == []


def test_an_address_of_an_old_stream():
    play = Play()
    session = Sse(play, "a" * 40)
    for number in range(2):
        lost(session, number)
    assert recognised(play) == [("session_lost", "likely")]


def test_a_request_that_is_bad_in_itself():
    play = Play()
    session = Streamable(play, "1f")
    for number in range(3):
        play.answer(session.post(call(number, "ping")), text="Bad Request", status=400)
    assert recognised(play) == []


def test_a_method_that_is_not_known_says_nothing_of_the_session():
    play = Play()
    session = Streamable(play, "1f")
    for number in range(3):
        unknown = failure(number, -32601, "no such method in this session")
        play.answer(session.post(call(number, "tasks/list")), unknown, status=404)
    assert recognised(play) == []


@pytest.mark.parametrize("query", ["v=1", f"key={'a' * 40}", "session=1"])
def test_a_parameter_that_is_no_session(query: str):
    play = Play()
    for number in range(3):
        post = play.post(f"https://api.example.com/rpc?{query}", call(number, "read"))
        play.answer(post, text="no such page", status=404)
    assert recognised(play) == []
