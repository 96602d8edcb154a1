import pytest

from play import Play, initialize
from players import MCP
from recognised import recognised

REFUSAL = {"error": {"message": "Not Acceptable: Client must accept both"}}


def refused(accept: str, agent: str = "python-httpx/0.28.1", **refusal: object) -> Play:
    play = Play()
    post = play.post(MCP, initialize(), {"accept": accept, "User-Agent": agent})
    play.answer(post, refusal or REFUSAL, status=406)
    return play


def test_a_right_header_is_refused():
    play = refused("text/event-stream, application/json;q=0.9")
    assert recognised(play) == [("sdk_outdated", "possible")]


@pytest.mark.parametrize(
    ("version", "confidence"), [("1.9.1", "likely"), ("1.19.0", "likely"), ("1.20.0", "possible")]
)
def test_it_is_surer_where_the_sdk_is_known_to_be_old(version: str, confidence: str):
    play = Play()
    hello = initialize(client="mcp")
    hello["params"]["clientInfo"]["version"] = version
    play.answer(play.post(MCP, hello), REFUSAL, status=406)
    assert recognised(play) == [("sdk_outdated", confidence)]


@pytest.mark.parametrize(
    "accept",
    ["application/json", "text/event-stream", "*/*", "application/json;q=0, text/event-stream"],
)
def test_a_wrong_header_is_refused_with_reason(accept: str):
    assert recognised(refused(accept)) == []


def test_another_refusal_is_not_about_the_header():
    assert recognised(refused("application/json, text/event-stream", error="Bad Request")) == []


def test_other_things_are_to_be_accepted_too():
    play = refused("application/json, text/event-stream", error="Please accept the terms first")
    assert recognised(play) == []


@pytest.mark.parametrize(
    "said",
    ["Invalid Accept header", "Client must accept text/event-stream", "accept: application/json"],
)
def test_ways_to_speak_of_the_header(said: str):
    play = refused("application/json, text/event-stream", error=said)
    assert recognised(play) == [("sdk_outdated", "possible")]


def test_the_probe_is_refused_on_purpose():
    both = "application/json, text/event-stream"
    assert recognised(refused(both, agent="wiretape-probe")) == []
