from pathlib import Path

import wiretape.fixtures
from concluded import diagnoses
from play import Play, call, initialize, initialized
from recognised import recognised

HTTPS, HTTP = "https://mcp.example.com/mcp", "http://mcp.example.com/mcp"


def redirected(play: Play, url: str, target: str, status: int, cause: int | None = None) -> int:
    post = play.post(url, initialize(), cause=cause)
    play.answer(post, status=status, headers={"Location": target})
    return post


def test_the_fixture_shows_it():
    (found,) = diagnoses(Path(wiretape.fixtures.__path__[0], "recordings/redirects.jsonl"))
    assert (found.id, found.confidence) == ("trailing_slash", "certain")
    assert [place.line for place in found.evidence] == [2, 3, 4, 5, 6, 7, 8, 9, 10]


def test_a_slash_too_much():
    play = Play()
    moved = redirected(play, f"{HTTPS}/", HTTPS, 301)
    play.answer(play.listen(HTTPS, cause=moved), text="", status=405)
    (found,) = diagnoses(play)
    assert found.title == "The URL is to be written without a slash at its end"


def test_a_client_that_refuses_to_follow():
    play = Play()
    redirected(play, HTTPS, f"{HTTP}/", 307)
    assert recognised(play) == [("trailing_slash", "likely")]


def test_the_recording_may_end_before_it_is_followed():
    play = Play()
    redirected(play, HTTPS, f"{HTTPS}/", 307)
    assert recognised(play) == [("trailing_slash", "possible")]
    play.answer(play.post(f"{HTTPS}2", call(1, "ping")), {})
    assert recognised(play) == [("trailing_slash", "likely")]


def test_a_redirect_that_is_followed_as_a_post():
    play = Play()
    moved = redirected(play, HTTPS, f"{HTTPS}/", 307)
    play.answer(play.post(f"{HTTPS}/", initialize(), cause=moved), initialized())
    assert recognised(play) == []


def test_a_redirect_of_the_stream_that_is_not_offered():
    play = Play()
    moved = redirected(play, HTTPS, f"{HTTPS}/", 307)
    play.answer(play.post(f"{HTTPS}/", initialize(), cause=moved), initialized())
    listening = play.listen(HTTPS)
    play.answer(listening, status=307, headers={"Location": f"{HTTPS}/"})
    play.answer(play.listen(f"{HTTPS}/", cause=listening), text="", status=405)
    assert recognised(play) == []


def test_a_redirect_to_somewhere_else():
    play = Play()
    redirected(play, HTTPS, "https://login.example.com/", 302)
    assert recognised(play) == []
