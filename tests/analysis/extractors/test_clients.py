"""Clients by what they call themselves, and the transports that they got on with."""

from pathlib import Path

from concluded import findings, seconds_to_conclude
from play import Json, Play, call, initialize, initialized, note, result
from players import MCP, MODERN, SSE, Sse
from wiretape.analysis.finding import Finding

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "recordings"
SDK = {"User-Agent": "python-httpx/0.28.1"}


def found(recording: Play | Path) -> dict[str, Finding]:
    every = findings(recording).items()
    return {id_.removeprefix("clients."): each for id_, each in every if id_.startswith("clients.")}


def clients(recording: Play | Path) -> dict[str, Json]:
    return {name: finding.value for name, finding in found(recording).items()}


def test_a_client_by_its_info() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize(client="sdk"), SDK), initialized())
    play.answer(play.post(MCP, note("notifications/initialized"), SDK), status=202)

    assert clients(play) == {
        "sdk 1": {
            "user_agents": ["python-httpx/0.28.1"],
            "name": "sdk",
            "version": "1",
            "also": [],
            "transports": ["streamable"],
            "exchanges": 2,
        }
    }
    assert [place.line for place in found(play)["sdk 1"].evidence] == [2, 5]


def test_clients_by_their_user_agents() -> None:
    play = Play()
    url = "https://mcp.example.com/.well-known/oauth-authorization-server"
    play.answer(play.request("GET", url, headers={"User-Agent": "node"}), {})
    play.fail(play.request("GET", url))

    found = clients(play)

    assert found["node"]["name"] is None
    assert found["node"]["transports"] == []
    assert found["a client without User-Agent"]["exchanges"] == 1


def test_what_only_tried_a_transport_gives_no_name() -> None:
    play = Play()
    play.answer(play.post(SSE, initialize(client="a probe"), SDK), status=404)
    Sse(play, "0f3c", headers=SDK)

    value = clients(play)["client 1"]

    assert (value["name"], value["also"]) == ("client", ["a probe 1"])


def test_several_infos_and_several_user_agents() -> None:
    play = Play()
    for client, agent in (("remote-test", "a/1"), ("editor", "a/1"), ("remote-test", "b/2")):
        post = play.post(MCP, initialize(client=client), {"User-Agent": agent})
        play.answer(post, initialized())

    found = clients(play)

    assert found.keys() == {"editor 1, remote-test 1", "remote-test 1"}
    shared, alone = found["editor 1, remote-test 1"], found["remote-test 1"]
    assert (shared["user_agents"], shared["also"]) == (["a/1"], ["editor 1"])
    assert (alone["user_agents"], alone["name"], alone["also"]) == (["b/2"], "remote-test", [])


def test_both_transports_at_one_url() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize(client="new"), {"User-Agent": "n"}), initialized())
    stream = play.listen(MCP, {"User-Agent": "o"})
    play.stream(stream)
    play.event(stream, event="endpoint", text="/messages?sessionId=0f3c")

    assert {name: value["transports"] for name, value in clients(play).items()} == {
        "new 1": ["streamable"],
        "o": ["sse"],
    }


def test_transports() -> None:
    play = Play()
    Sse(play, "0f3c")
    info = {"io.modelcontextprotocol/clientInfo": {"name": "modern", "version": "2"}}
    modern = play.post(MCP, call(1, "tools/call", _meta=info), MODERN | {"User-Agent": "m/2"})
    play.answer(modern, result(1))

    assert {name: value["transports"] for name, value in clients(play).items()} == {
        "client 1": ["sse"],
        "modern 2": ["sessionless"],
    }


def test_a_transport_that_did_not_work_is_none() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), status=404)

    assert clients(play)["client 1"]["transports"] == []


def test_nobody() -> None:
    assert not found(Play())


def test_a_real_recording() -> None:
    found = clients(RECORDINGS / "oauth-streamable.jsonl")

    assert {name: value["transports"] for name, value in found.items()} == {
        "a client without User-Agent": [],
        "mcp 0.1.0": ["streamable"],
    }
    assert found["a client without User-Agent"]["user_agents"] == []


def test_many_clients_are_soon_told() -> None:
    play = Play()
    for number in range(5000):
        post = play.post(MCP, initialize(client=f"c{number}"), {"User-Agent": f"a/{number}"})
        play.answer(post, initialized())

    assert seconds_to_conclude(play, "extractors.clients") < 5
