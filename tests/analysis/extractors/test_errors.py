"""Errors by role and kind, what servers say about retrying, and who retries."""

from pathlib import Path

from concluded import findings
from play import Json, Play, call, initialize, initialized, result
from players import MCP, Streamable

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"


def errors(recording: Play | Path) -> dict[str, Json]:
    found = findings(recording).items()
    return {
        id_.removeprefix("errors."): finding.value
        for id_, finding in found
        if id_.startswith("errors.")
    }


def test_answers_are_counted_by_role_and_status() -> None:
    play = Play()
    for status in (404, 404, 500, 200):
        play.answer(play.post(MCP, initialize()), initialized(), status=status)
    form = {"grant_type": "refresh_token"}
    play.answer(play.request("POST", "https://auth.example.com/token", form=form), status=400)

    assert errors(play)["http"] == {"mcp 404": 2, "mcp 500": 1, "token 400": 1}
    assert [place.line for place in findings(play)["errors.http"].evidence] == [3, 6, 9, 15]


def test_requests_that_nobody_answered() -> None:
    play = Play()
    play.fail(play.post(MCP, initialize()), "No address associated with hostname")
    play.fail(play.post(MCP, initialize(1)), "refused")

    assert errors(play)["network"] == {"connect": 2}
    note = findings(play)["errors.network"].note
    assert note == "connect: No address associated with hostname"


def test_failures_to_connect_on_which_no_request_was_seen() -> None:
    play = Play()
    play.unreachable("mcp.example.com:443")
    play.fail(play.post(MCP, initialize()), "refused")
    play.unreachable("mcp.example.com:443")

    assert errors(play)["network"] == {"connect": 1, "dns": 2}
    found = findings(play)["errors.network"]
    assert [place.line for place in found.evidence] == [2, 4, 5]
    assert found.note == "dns: no such host; connect: refused"


def test_exchanges_that_broke_off() -> None:
    play = Play()
    session = Streamable(play, "0f3c")
    stream = play.listen(MCP, session.headers)
    play.stream(stream)
    play.end(stream, "server abort", "terminated")

    assert errors(play) == {"broken_off": {"mcp server abort": 1}}
    assert findings(play)["errors.broken_off"].note == "mcp server abort: terminated"


def test_how_long_to_wait() -> None:
    play = Play()
    for number, seconds in enumerate(("30", "30", "60", None)):
        headers = {"Retry-After": seconds}
        play.answer(play.post(MCP, call(number, "ping")), status=429, headers=headers)

    assert errors(play)["retry_after"] == {"mcp 429": ["30", "60"]}


def test_a_retry() -> None:
    play = Play()
    for status in (503, 429, 200):
        post = play.post(MCP, call(1, "ping"), {"User-Agent": "patient/1"})
        play.answer(post, result(1), status=status)
        play.later(1.97)

    assert errors(play)["retries"] == [
        {
            "client": "patient/1",
            "request": "POST mcp ping",
            "times": 2,
            "failed again": 1,
            "after": [2.0, 2.0],
        }
    ]
    assert [place.line for place in findings(play)["errors.retries"].evidence] == [2, 5, 8]


def test_a_request_that_nobody_answered_is_sent_again() -> None:
    play = Play()
    play.fail(play.post(MCP, call(1, "ping")))
    play.answer(play.post(MCP, call(1, "ping")), result(1))

    assert errors(play)["retries"][0]["times"] == 1


def test_what_is_no_retry() -> None:
    play = Play()
    play.answer(play.post(MCP, call(1, "ping")), result(1))
    play.answer(play.post(MCP, call(1, "ping")), result(1))  # it had not failed
    play.answer(play.post(MCP, call(2, "ping")), status=404)
    play.answer(play.post(MCP, call(2, "ping")), status=404)  # will not pass
    play.answer(play.post(MCP, call(3, "ping")), status=500)
    play.answer(play.post(MCP, call(4, "ping")), result(4))  # another one
    play.post(MCP, call(5, "ping"))  # still open
    play.answer(play.post(MCP, call(5, "ping")), result(5))

    assert {*errors(play)} == {"http"}


def test_a_client_may_leave_an_answer_but_not_before_there_is_one() -> None:
    play = Play()
    stream = play.listen(MCP, {"Mcp-Session-Id": "0f3c"})
    play.stream(stream)
    play.end(stream, "client abort")
    play.end(play.post(MCP, call(1, "ping")), "client abort")

    assert errors(play) == {"broken_off": {"mcp client abort": 1}}


def test_real_recordings() -> None:
    assert not errors(RECORDINGS / "mcp-atlassian.jsonl")
    assert errors(RECORDINGS / "oauth-sse.jsonl") == {"http": {"message 401": 1, "sse 401": 1}}
