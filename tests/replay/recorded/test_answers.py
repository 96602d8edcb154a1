"""Answers from recordings: what was asked there is answered as it was there."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from play import Json, Play, call, failure, result
from players import Streamable
from remembering import Client, played
from wiretape.replay.recorded.missing import sentence

UUIDS = ("6f1c1f2e-8d5a-4c3b-9e7f-0a1b2c3d4e5f", "0a1b2c3d-8d5a-4c3b-9e7f-6f1c1f2e4e5f")


def tool(number: int, name: str, /, **arguments: Json) -> Json:
    return call(number, "tools/call", name=name, arguments=arguments)


def recorded(*turns: tuple[Json, Json], play: Play | None = None, session: str = "s1") -> Play:
    """A session in which each call is answered so."""
    play = play or Play()
    peer = Streamable(play, session)
    for asked, answer in turns:
        play.answer(peer.post(asked), {"jsonrpc": "2.0", "id": asked["id"], **answer})
    return play


def ok(text: str) -> Json:
    return {"result": {"text": text}}


def test_what_was_asked_is_answered_with_the_callers_id(tmp_path: Path) -> None:
    play = recorded((tool(7, "get", key="A-1"), ok("one")), (tool(8, "get", key="A-2"), ok("two")))
    client = Client(played(play, tmp_path))
    assert client.call("get", "an id", key="A-2") == {"text": "two"}
    assert client.entry.matched == "play.jsonl:11"
    assert client.call("get", 3, key="A-1") == {"text": "one"}
    assert client.entry.miss is None


def test_an_error_is_answered_as_an_error(tmp_path: Path) -> None:
    said = {"error": {"code": -32602, "message": "no such key", "data": {"key": "A-9"}}}
    client = Client(played(recorded((tool(1, "get", key="A-9"), said)), tmp_path))
    assert client.call("get", key="A-9") == said["error"]


def test_an_answer_is_given_byte_for_byte(tmp_path: Path) -> None:
    raw = '{"n":1e2,"s":"\\u00e9\\/","big":12345678901234567890123}'
    play = Play()
    peer = Streamable(play, "s1")
    post = peer.post(tool(1, "get"))
    play.answer(post, Raw(b'{"jsonrpc":"2.0","id":1,"result":' + raw.encode() + b"}"))
    client = Client(played(play, tmp_path))
    body = client.post(5, "tools/call", name="get", arguments={}).body
    assert body == b'{"jsonrpc":"2.0","id":5,"result":' + raw.encode() + b"}"


def test_lists_are_the_recorded_ones_and_pages_follow_each_other(tmp_path: Path) -> None:
    pages = [{"tools": [{"name": "a", "inputSchema": {}}], "nextCursor": "c2"}, {"tools": []}]
    first, second = call(1, "tools/list"), call(2, "tools/list", cursor="c2")
    play = recorded((first, {"result": pages[0]}), (second, {"result": pages[1]}))
    client = Client(played(play, tmp_path))
    found = [client.say(1, "tools/list", **params) for params in ({}, {"cursor": "c2"})]
    assert [said["result"] for (said,) in found] == pages
    assert client.entry.matched == "play.jsonl:11"


class TestWhatMatches:
    PLAY = ((tool(1, "get", key="A-1", id=UUIDS[0]), ok("the issue A-1")),)

    def test_meta_and_the_order_of_members_do_not_matter(self, tmp_path: Path) -> None:
        client = Client(played(recorded(*self.PLAY), tmp_path))
        arguments = {"id": UUIDS[0], "key": "A-1"}
        asked = {"name": "get", "arguments": arguments, "_meta": {"x": 1, "progressToken": 9}}
        assert client.say(1, "tools/call", **asked)[0]["result"] == {"text": "the issue A-1"}

    def test_they_matter_where_that_is_wanted(self, tmp_path: Path) -> None:
        client = Client(played(recorded(*self.PLAY), tmp_path, "exact"))
        arguments = {"id": UUIDS[0], "key": "A-1"}
        asked: Json = {"name": "get", "arguments": arguments, "_meta": {"progressToken": 9}}
        assert "result" in client.say(1, "tools/call", **asked)[0]
        asked["_meta"]["x"] = 1
        error = client.say(1, "tools/call", **asked)[0]["error"]
        data = {"nearest": "play.jsonl:8", "pointer": "/params/_meta", "got": '{"x":1}'}
        assert error["data"] == data

    def test_an_id_of_another_is_taken_for_the_recorded_one(self, tmp_path: Path) -> None:
        client = Client(played(recorded(*self.PLAY), tmp_path))
        assert client.call("get", key="A-1", id=UUIDS[1]) == {"text": "the issue A-1"}

    def test_not_where_the_recording_tells_them_apart(self, tmp_path: Path) -> None:
        other = (tool(2, "get", key="A-1", id=UUIDS[1]), ok("another"))
        client = Client(played(recorded(*self.PLAY, other), tmp_path))
        assert client.call("get", key="A-1", id=UUIDS[1]) == {"text": "another"}
        missed = client.call("get", key="A-1", id=UUIDS[1].replace("0a", "0b"))
        assert missed["data"]["pointer"] == "/params/arguments/id"

    def test_by_method_any_parameters_do_and_equal_ones_are_better(self, tmp_path: Path) -> None:
        two = (tool(2, "get", key="A-2"), ok("the issue A-2"))
        client = Client(played(recorded(*self.PLAY, two), tmp_path, "method"))
        assert client.call("get", key="A-2") == {"text": "the issue A-2"}
        assert client.call("get", key="B-22", id=UUIDS[1]) == {"text": "the issue A-1"}
        assert "error" in client.say(1, "tools/call", name="put", arguments={})[0]

    def test_by_sequence_the_nth_call_has_the_nth_answer(self, tmp_path: Path) -> None:
        turns = [(tool(n, "get", key=f"A-{n}"), ok(f"answer {n}")) for n in range(3)]
        client = Client(played(recorded(*turns), tmp_path, get="sequence"))
        found = [client.call("get", number, whatever=number)["text"] for number in (5, 4, 3)]
        assert found == ["answer 0", "answer 1", "answer 2"]
        missed = client.call("get", key="A-1")
        assert missed["data"]["nearest"] == "play.jsonl:11"

    def test_one_tool_may_be_matched_otherwise_than_the_rest(self, tmp_path: Path) -> None:
        turns = [(tool(n, name, key="A-1"), ok(name)) for n, name in enumerate(("get", "put"))]
        client = Client(played(recorded(*turns), tmp_path, put="method"))
        assert client.call("put", key="B-1") == {"text": "put"}
        assert client.call("get", key="B-1")["code"] == -32090


def test_equal_calls_are_answered_in_order_and_then_as_the_last(tmp_path: Path) -> None:
    turns = [(tool(n, "status"), ok(text)) for n, text in enumerate(("new", "running", "done"))]
    client = Client(played(recorded(*turns), tmp_path))
    found = [client.call("status")["text"] for _ in range(5)]
    assert found == ["new", "running", "done", "done", "done"]


def test_what_was_answered_only_with_a_refusal_is_not_recorded(tmp_path: Path) -> None:
    play = recorded((tool(1, "get"), ok("one")))
    peer = Streamable(play, "s2")
    refused = peer.post(tool(5, "other"))
    play.answer(refused, failure(None, -32001, "Session not found"), status=404)
    aborted = peer.post(tool(6, "slow"))
    play.end(aborted, "client abort")
    unlike = peer.post(tool(7, "unlike"))
    play.answer(unlike, failure(7, -32020, "Header mismatch"), status=400)
    client = Client(played(play, tmp_path))
    for name in ("other", "slow", "unlike"):
        assert client.call(name)["code"] == -32090


class TestMisses:
    def test_one_tells_client_and_journal_the_nearest_and_where_it_differs(
        self, tmp_path: Path
    ) -> None:
        near = tool(1, "search", query="x", options={"fields": ["key", "status"]})
        play = recorded((tool(0, "search", query="y"), ok("far")), (near, ok("near")))
        caller = played(play, tmp_path)
        client = Client(caller)
        error = client.call("search", query="x", options={"fields": ["key", "summary"]})
        data = {
            "nearest": "play.jsonl:11",
            "pointer": "/params/arguments/options/fields/1",
            "wanted": '"status"',
            "got": '"summary"',
        }
        message = "wiretape: nothing recorded answers tools/call search"
        assert error == {"code": -32090, "message": message, "data": data}
        (entry,) = caller.service.world.journal.misses
        assert (entry.operation, entry.matched, entry.status) == ("tools/call", None, 200)
        assert entry.miss is not None
        assert {name: getattr(entry.miss, name) for name in data} == data
        assert sentence(entry.miss) == (
            "nothing recorded answers tools/call search; nearest is play.jsonl:11, with "
            '"status" at /params/arguments/options/fields/1 where this has "summary"'
        )

    def test_what_is_missing_or_too_much_is_told_as_nothing(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "get", key=None), ok("one"))), tmp_path))
        assert client.call("get")["data"] == {
            "nearest": "play.jsonl:8",
            "pointer": "/params/arguments/key",
            "wanted": "null",
        }
        more = client.call("get", key=None, more=1)
        assert more["data"]["pointer"] == "/params/arguments/more"
        assert more["data"]["got"] == "1"

    def test_of_a_tool_that_was_never_called_another_call_is_nearest(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "get", key="x"), ok("one"))), tmp_path))
        data = client.call("put", key="x")["data"]
        assert (data["pointer"], data["wanted"], data["got"]) == ("/params/name", '"get"', '"put"')

    def test_secrets_are_not_told(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "login", password="x"), ok("in"))), tmp_path))
        secret = "correct-horse-battery-staple-99"
        error = client.call("login", password=secret)
        assert error["data"]["pointer"] == "/params/arguments/password"
        assert secret not in json.dumps(error)
        assert secret not in str(client.entry)

    def test_values_are_told_in_short(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "get", key="x"), ok("in"))), tmp_path))
        assert len(client.call("get", key="word " * 10_000)["data"]["got"]) < 200

    def test_what_is_nested_too_deep_is_one(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "get", key="x"), ok("in"))), tmp_path))
        deep: Any = 0
        for _ in range(800):
            deep = [deep]
        assert client.call("get", key=deep)["code"] == -32090

    def test_with_assume_there_are_none(self, tmp_path: Path) -> None:
        listed = {"result": {"tools": [{"name": "get", "inputSchema": {"type": "object"}}]}}
        play = recorded((call(1, "tools/list"), listed), (tool(2, "get", key="x"), ok("in")))
        client = Client(played(play, tmp_path, assumed=True))
        assert client.call("get", key="x") == {"text": "in"}
        assert client.call("get", key="y")["_meta"] == {"wiretape/standing": "assumed"}
        assert (client.entry.matched, client.entry.miss) == ("assumed", None)

    def test_a_tool_that_is_not_offered_is_refused_as_another_was(self, tmp_path: Path) -> None:
        listed = {"result": {"tools": [{"name": "get", "inputSchema": {"type": "object"}}]}}
        refused = {"error": {"code": -32602, "message": "Unknown tool: nope"}}
        play = recorded((call(1, "tools/list"), listed), (tool(2, "nope"), refused))
        client = Client(played(play, tmp_path))
        error = {"code": -32602, "message": "Unknown tool: other"}
        assert client.call("other") == error
        assert (client.entry.matched, client.entry.miss) == ("profile", None)
        assert client.call("get")["code"] == -32090

    def test_what_the_profile_knows_is_none(self, tmp_path: Path) -> None:
        client = Client(played(recorded((tool(1, "get", key="x"), ok("in"))), tmp_path))
        assert client.entry.matched == "profile"
        assert client.say(2, "ping")[0]["result"] == {}
        assert client.say(3, "no/such/method")[0]["error"]["code"] == -32601
        assert not client.caller.service.world.journal.misses


class TestEchoes:
    def test_what_echoes_the_request_echoes_the_callers(self, tmp_path: Path) -> None:
        text = "Deleted 'milk' and not 'milkshake' (3)"
        answer = {
            "result": {"text": text, "title": "milk", "count": 3, "total": 3, "ids": ["milk"]}
        }
        play = recorded((tool(1, "delete", title="milk", count=3), answer))
        client = Client(played(play, tmp_path, "method"))
        assert client.call("delete", title='soy "milk"', count=5) == {
            "text": "Deleted 'soy \"milk\"' and not 'milkshake' (3)",
            "title": 'soy "milk"',
            "count": 5,
            "total": 3,
            "ids": ['soy "milk"'],
        }

    def test_what_is_not_there_stays_as_it_was_recorded(self, tmp_path: Path) -> None:
        play = recorded((tool(1, "delete", title="milk"), ok("Deleted 'milk'")))
        client = Client(played(play, tmp_path, "method"))
        assert client.call("delete", title={"no": "text"}) == {"text": 'Deleted \'{"no":"text"}\''}
        assert client.call("delete") == {"text": "Deleted 'milk'"}

    def test_a_callers_own_id_is_echoed(self, tmp_path: Path) -> None:
        answer = {"result": {"id": UUIDS[0], "self": f"https://x.example/{UUIDS[0]}/all"}}
        client = Client(played(recorded((tool(1, "get", id=UUIDS[0]), answer)), tmp_path))
        assert client.call("get", id=UUIDS[1]) == {
            "id": UUIDS[1],
            "self": f"https://x.example/{UUIDS[1]}/all",
        }


class TestSessions:
    """Two recorded sessions with the same ids and different answers never mix."""

    @pytest.fixture
    def play(self) -> Play:
        play = recorded(
            (tool(1, "get", key="A-1"), ok("the issue of ada")),
            (tool(2, "whoami"), ok("ada")),
            (tool(3, "whoami"), ok("ada, later")),
            session="s1",
        )
        return recorded(
            (tool(1, "get", key="B-1"), ok("the issue of bob")),
            (tool(2, "whoami"), ok("bob")),
            (tool(3, "whoami"), ok("bob, later")),
            play=play,
            session="s2",
        )

    def test_a_client_stays_in_the_dialogue_that_it_follows(
        self, play: Play, tmp_path: Path
    ) -> None:
        caller = played(play, tmp_path)
        bob, ada = Client(caller), Client(caller)
        assert bob.call("get", 1, key="B-1") == {"text": "the issue of bob"}
        assert ada.call("get", 1, key="A-1") == {"text": "the issue of ada"}
        for later in ("", ", later", ", later"):
            assert bob.call("whoami", 2) == {"text": "bob" + later}
            assert ada.call("whoami", 2) == {"text": "ada" + later}

    def test_clients_that_ask_the_same_follow_one_each(self, play: Play, tmp_path: Path) -> None:
        caller = played(play, tmp_path)
        clients = [Client(caller) for _ in range(4)]
        found = [client.call("whoami")["text"] for client in clients]
        assert found == ["ada", "bob", "ada", "bob"]
        found = [client.call("whoami")["text"] for client in reversed(clients)]
        assert found == ["bob, later", "ada, later"] * 2

    def test_who_turns_out_to_be_in_another_is_there_from_then_on(
        self, play: Play, tmp_path: Path
    ) -> None:
        client = Client(played(play, tmp_path))
        assert client.call("whoami") == {"text": "ada"}
        assert client.call("get", key="B-1") == {"text": "the issue of bob"}
        assert client.call("whoami") == {"text": "bob, later"}

    def test_a_restart_begins_anew(self, play: Play, tmp_path: Path) -> None:
        caller = played(play, tmp_path)
        assert Client(caller).call("whoami") == {"text": "ada"}
        caller.service.world.restart()
        assert Client(caller).call("whoami") == {"text": "ada"}


class TestPace:
    @pytest.fixture
    def play(self) -> Play:
        play = Play()
        peer = Streamable(play, "s1")
        for number, seconds in enumerate((2, 5)):
            post = peer.post(tool(number, "get", key=number))
            play.later(seconds)
            play.answer(post, result(number, text="done"))
        return play

    @pytest.mark.parametrize(
        ("pace", "delays"), [(0, (0, 0)), (1, (2.01, 5.01)), (2, (4.02, 10.02))]
    )
    def test_answers_take_so_many_times_as_long_as_they_took(
        self, play: Play, tmp_path: Path, pace: float, delays: tuple[float, float]
    ) -> None:
        client = Client(played(play, tmp_path, pace=pace))
        posts = [client.post(1, "tools/call", name="get", arguments={"key": n}) for n in (0, 1)]
        assert [post.delay for post in posts] == pytest.approx(delays)

    def test_without_a_recorded_answer_they_take_what_such_take(
        self, play: Play, tmp_path: Path
    ) -> None:
        client = Client(played(play, tmp_path, assumed=True, pace=1))
        known = client.caller.profile.latency.method
        assert client.post(1, "initialize").delay == known["initialize"].p50 / 1000
        assert client.post(1, "prompts/list").delay == 0


def test_what_was_never_asked_is_unplayed(tmp_path: Path) -> None:
    play = recorded((tool(1, "get", key="x"), ok("in")), (tool(2, "put", key="x"), ok("out")))
    caller = played(play, tmp_path)
    client = Client(caller)
    assert [each.place for each in caller.service.unplayed()] == ["play.jsonl:8", "play.jsonl:11"]
    client.call("put", key="x")
    assert [each.place for each in caller.service.unplayed()] == ["play.jsonl:8"]
    client.call("get", key="x")
    assert caller.service.unplayed() == ()
