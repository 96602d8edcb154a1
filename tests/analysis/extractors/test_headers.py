"""Headers of answers: what is constant, what varies, and what they are for."""

from pathlib import Path

import pytest

from concluded import findings, seconds_to_conclude
from play import Json, Play, call, initialize, initialized, result
from players import MCP
from wiretape.analysis.finding import Finding

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
IDS = [f"8f3a0c1e-5b7d-4e21-9c64-0a1b2c3d4e5{n}" for n in range(4)]
EDGE = {
    "Server": "ExampleEdge",
    "Strict-Transport-Security": "max-age=63072000; preload",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
    "NEL": '{"failure_fraction": 0.01, "max_age": 604800}',
}


def answers() -> Play:
    play = Play()
    for number, request in enumerate(IDS):
        headers = EDGE | {
            "Date": f"Fri, 29 Aug 2025 02:09:1{number} GMT",
            "Content-Length": "120",
            "Atl-Request-Id": request,
            "Atl-TraceId": request.replace("-", ""),
            "Server-Timing": f'edge;dur={number},pop;desc="east, 1", up;dur=0.{number};desc="x"',
            "CF-Ray": f"97{number}a-FRA",
            "X-Cache": "HIT" if number == 1 else "MISS",
        }
        play.answer(play.post(MCP, call(number, "ping")), result(number), headers=headers)
    return play


def headers(recording: Play | Path) -> dict[str, Json]:
    return {id_: finding.value for id_, finding in found(recording).items()}


def found(recording: Play | Path) -> dict[str, Finding]:
    every = findings(recording).items()
    return {id_: finding for id_, finding in every if id_.startswith("headers.")}


def test_what_is_the_same_in_every_answer() -> None:
    assert headers(answers())["headers.constant"] == {
        name.lower(): value for name, value in EDGE.items()
    }


def test_what_varies_per_request() -> None:
    assert headers(answers())["headers.varying"] == [
        "atl-request-id",
        "atl-traceid",
        "cf-ray",
        "server-timing",
    ]


def test_an_answer_with_another_value_ends_what_is_constant() -> None:
    play = answers()
    register = play.request(
        "POST", "https://mcp.example.com/register", json={"redirect_uris": ["http://localhost/"]}
    )
    play.answer(register, {}, status=201, headers=EDGE | {"Cache-Control": "no-store"})

    value = headers(play)

    assert "cache-control" not in value["headers.constant"]
    assert value["headers.caching"]["cache-control"] == ["no-cache", "no-store"]
    assert value["headers.registration.names"] == sorted(name.lower() for name in EDGE)


def test_classes() -> None:
    value = headers(answers())

    assert value["headers.tracing"] == {"atl-request-id": "UUID", "atl-traceid": "32 hex digits"}
    assert value["headers.timing"] == {
        "server-timing": ["edge", 'pop;desc="east, 1"', 'up;desc="x"']
    }
    assert value["headers.cdn"] == {
        "cf-ray": "(varies)",
        "server": "ExampleEdge",
        "x-cache": ["HIT", "MISS"],
    }
    assert value["headers.security"] == {
        "strict-transport-security": "max-age=63072000; preload",
        "x-content-type-options": "nosniff",
    }
    assert value["headers.caching"] == {"cache-control": "no-cache", "vary": "Accept-Encoding"}
    assert value["headers.reporting"] == {"nel": EDGE["NEL"]}


def test_one_id_in_two_spellings() -> None:
    note = found(answers())["headers.tracing"].note

    assert note == "atl-traceid is atl-request-id without its dashes"


def test_one_answer_is_compared_with_nothing() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized(), headers=EDGE | {"X-Request-Id": "a1"})

    value = headers(play)

    assert value["headers.tracing"] == {"x-request-id": "2 characters"}
    assert not {"headers.constant", "headers.varying"} & {*value}


def test_ids_of_a_session_neither_vary_per_request_nor_stay_the_same() -> None:
    for names in ("ab", "aa"):
        play = Play()
        for name in names:
            session = {"Mcp-Session-Id": name}
            play.answer(play.post(MCP, initialize()), initialized(), headers=session)

        assert [*headers(play)] == ["headers.mcp.names"]


def test_other_routes_do_not_count() -> None:
    play = Play()
    play.answer(play.request("GET", "https://example.com/"), text="hi", headers=EDGE)
    play.fail(play.post(MCP, initialize()))

    assert not headers(play)


def test_a_real_recording() -> None:
    value = headers(RECORDINGS / "mcp-atlassian.jsonl")

    assert value["headers.constant"]["server"] == "uvicorn"
    assert "mcp-session-id" in value["headers.mcp.names"]
    assert "headers.tracing" not in value


@pytest.mark.parametrize("name", ["x-{}", "x-{}-trace-id", "x-cache-{}"])
def test_many_names_are_soon_told(name: str) -> None:
    play = Play()
    for number in range(5000):
        headers = {name.format(number): "1", "server": "x"}
        play.answer(play.post(MCP, call(number, "ping")), result(number), headers=headers)

    assert seconds_to_conclude(play, "extractors.headers") < 2


def test_many_ids_in_one_answer_are_soon_told() -> None:
    play = Play()
    for number, id_ in enumerate(IDS):
        headers = {f"x-{n}-trace-id": id_ for n in range(5000)} | {"b3": id_.replace("-", "")}
        play.answer(play.post(MCP, call(number, "ping")), result(number), headers=headers)

    assert seconds_to_conclude(play, "extractors.headers") < 2


def test_the_page_that_a_client_shows_in_the_end_is_not_of_the_service() -> None:
    play = answers()
    page = play.request("GET", "http://127.0.0.1:8040/callback?code=0f3c&state=1")
    play.answer(
        page, text="Done.", headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    )
    assert headers(play) == headers(answers())
