import pytest

from play import Play, call, initialize, initialized, result
from players import MCP
from recognised import recognised

BEARER = {"Authorization": "Bearer t1"}
SITE = {"X-Atlassian-Cloud-Id": "00000000-0000-4000-8000-000000000001"}
BAD = {"error": "Bad Request"}


def server(play: Play, name: str) -> None:
    play.answer(play.post(MCP, initialize(), BEARER), initialized(server=name))


def tool_call(play: Play, said: str, **headers: str) -> None:
    post = play.post(MCP, call(1, "tools/call", name="jira_search"), BEARER | headers)
    play.answer(post, result(1, isError=True, content=[{"type": "text", "text": said}]))


def test_the_error_names_it():
    play = Play()
    post = play.post(MCP, initialize(), BEARER)
    play.answer(post, {"error": "X-Atlassian-Cloud-Id is required"}, status=400)
    assert recognised(play) == [("cloud_id_missing", "certain")]


def test_other_requests_have_it():
    play = Play()
    play.answer(play.post(MCP, initialize(), BEARER | SITE), initialized())
    play.answer(play.post(MCP, initialize(), BEARER), BAD, status=400)
    assert recognised(play) == [("cloud_id_missing", "likely")]


def test_a_400_that_says_something_else():
    play = Play()
    play.answer(play.post(MCP, initialize(), BEARER | SITE), initialized())
    post = play.post(MCP, call(1, "tools/call", name="x"), BEARER)
    play.answer(post, {"error": "no such issue"}, status=400)
    assert recognised(play) == [("cloud_id_missing", "possible")]


def test_what_is_taken_without_it_as_well():
    play = Play()
    for headers in (BEARER | SITE, BEARER):
        play.answer(play.post(MCP, initialize(), headers), initialized())
    play.answer(play.post(MCP, call(1, "tools/list"), BEARER), BAD, status=400)
    assert recognised(play) == [("cloud_id_missing", "possible")]


def test_the_server_is_known_to_want_it():
    play = Play()
    server(play, "Atlassian MCP")
    play.answer(play.post(MCP, call(1, "tools/list"), BEARER), BAD, status=400)
    assert recognised(play) == [("cloud_id_missing", "possible")]


def test_other_servers_do_not_want_it():
    play = Play()
    server(play, "notes")
    play.answer(play.post(MCP, call(1, "tools/list"), BEARER), BAD, status=400)
    tool_call(play, "401 Unauthorized")
    assert recognised(play) == []


def test_a_call_that_fails_for_the_site():
    play = Play()
    server(play, "Atlassian MCP")
    tool_call(play, "403 Client Error: Forbidden")
    assert recognised(play) == [("cloud_id_missing", "possible")]


def test_a_call_that_fails_for_the_cloud_id():
    play = Play()
    server(play, "Atlassian MCP")
    tool_call(play, "no cloud id")
    assert recognised(play) == [("cloud_id_missing", "likely")]


def test_a_call_with_the_header_fails_for_another_reason():
    play = Play()
    server(play, "Atlassian MCP")
    tool_call(play, "403 Client Error: Forbidden", **SITE)
    assert recognised(play) == []


def test_a_call_may_fail_for_its_arguments():
    play = Play()
    server(play, "Atlassian MCP")
    tool_call(play, "Error in the JQL query")
    assert recognised(play) == []


@pytest.mark.parametrize(
    "said",
    [
        "Bad Request: Missing session ID",
        "Unsupported protocol version",
        "Parse error",
        "Invalid JSON",
    ],
)
def test_a_400_may_be_about_something_else(said: str):
    play = Play()
    server(play, "Atlassian MCP")
    play.answer(play.post(MCP, call(1, "tools/list"), BEARER), {"error": said}, status=400)
    assert recognised(play) == []


def test_without_a_bearer_there_is_nothing_to_say():
    play = Play()
    play.answer(play.post(MCP, initialize()), {"error": "cloud id is required"}, status=400)
    assert recognised(play) == []
