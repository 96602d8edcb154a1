"""`wiretape replay` with recordings, run as users run it."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from command import Wiretape

from peers.clients import CLIENTS, Summary
from peers.processes import environment, finished
from peers.servers import SERVERS
from play import Play, call, result
from players import Streamable
from replayed import replaying

RECORDINGS = Path(str(files("wiretape.fixtures"))) / "recordings"
RECORDING = RECORDINGS / "mcp-atlassian.jsonl"
ACCEPT = {"accept": "application/json, text/event-stream"}
MISSED = (
    "wiretape: nothing recorded answers tools/call jira_get_issue; nearest is {}, "
    'with "DEMO-1" at /params/arguments/issue_key where this has "DEMO-2"'
)


class Ran:
    """The command, while it runs, and what it said in the end."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log
        self.code: int | None = None

    @property
    def said(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if " stands for " not in line]

    def call(self, name: str, **arguments: Any) -> Any:
        return self.ask("tools/call", name=name, arguments=arguments)

    def ask(self, method: str, **params: Any) -> Any:
        with httpx.Client(headers=ACCEPT, trust_env=False) as http:
            offer = {"protocolVersion": "2025-11-25", "capabilities": {}}
            info = {"clientInfo": {"name": "by hand", "version": "0"}}
            opened = http.post(self.url, json=call(0, "initialize", **offer, **info))
            headers = {"mcp-session-id": opened.headers.get("mcp-session-id", "")}
            answer = http.post(self.url, json=call("my id", method, **params), headers=headers)
            data = answer.text.partition("data: ")[2].split("\n")[0] or answer.text
            assert json.loads(data)["id"] == "my id"
            return json.loads(data)


@contextmanager
def ran(folder: Path, *words: object) -> Iterator[Ran]:
    with replaying(folder, *map(str, words)) as (process, url):
        command = Ran(url, folder / "stderr.txt")
        yield command
        process.send_signal(signal.SIGINT)
        command.code = process.wait(20)


def test_a_recording_alone_is_a_service(tmp_path: Path) -> None:
    with ran(tmp_path, RECORDING, "--strict") as command:
        tools = command.ask("tools/list")["result"]["tools"]
        names = {tool["name"] for tool in tools}
        assert {"jira_get_issue", "jira_search"} < names
        got = command.call("jira_get_issue", issue_key="DEMO-1")["result"]
        assert "DEMO-1" in json.dumps(got)
        assert "assumed" not in json.dumps(got)
        command.call("jira_search", jql="project = DEMO")
    assert (command.code, command.said) == (0, [])


@pytest.mark.parametrize(
    ("server", "client"),
    [
        ("notes", "mcp2-handshake"),
        ("notes", "typescript"),
        ("notes-sse", "mcp1"),
    ],
)
def test_real_clients_find_what_was_recorded_progress_and_questions_included(
    client: str, server: str, tmp_path: Path
) -> None:
    known = SERVERS[server]
    recording = RECORDINGS / f"oauth-{'sse' if server == 'notes-sse' else 'streamable'}.jsonl"
    with ran(tmp_path, recording, "--expires-in", "3600", "--strict") as command:
        walk = msgspec.json.encode(known.walk)
        stdout, _ = finished([*CLIENTS[client](), command.url], environment(), walk)
    summary = msgspec.json.decode(stdout.splitlines()[-1], type=Summary)
    for found, said in zip(summary.results, known.answers, strict=True):
        assert said in found
    assert summary.progress == (1, 2, 3)
    assert len(summary.questions) == 1
    assert known.walk.notifications[0] in summary.notifications
    assert (command.code, command.said) == (0, [])


def test_a_miss_and_what_was_not_asked_are_told_and_are_findings(tmp_path: Path) -> None:
    with ran(tmp_path, RECORDING, "--strict") as command:
        error = command.call("jira_get_issue", issue_key="DEMO-2")["error"]
        assert error["data"]["pointer"] == "/params/arguments/issue_key"
    assert command.code == 1
    place = error["data"]["nearest"]
    assert command.said == [
        MISSED.format(place),
        "1 request found no recorded answer",
        "3 recorded calls not asked:",
        "  mcp-atlassian.jsonl:11 tools/list",
        "  mcp-atlassian.jsonl:15 tools/call jira_get_issue",
        "  mcp-atlassian.jsonl:19 tools/call jira_search",
    ]


def test_a_profile_may_have_a_recording_and_answers_may_be_assumed(tmp_path: Path) -> None:
    words = ("mcp-atlassian", "--recording", RECORDING, "--assume", "--match", "jira_search=method")
    with ran(tmp_path, *words) as command:
        found = command.call("jira_search", jql="project = OTHER")["result"]
        assert "assumed" not in json.dumps(found)
        assert "assumed" in json.dumps(command.call("jira_get_issue", issue_key="DEMO-2"))
    assert command.code == 0


def test_answers_take_as_long_as_they_took(tmp_path: Path) -> None:
    play = Play()
    post = Streamable(play, "s1").post(call(1, "tools/call", name="slow", arguments={}))
    play.later(120)
    play.answer(post, result(1, text="done"))
    recording = play.write(tmp_path / "slow.jsonl")
    with ran(tmp_path, recording, "--pace", "0.005") as command:
        started = time.monotonic()
        assert command.call("slow")["result"] == {"text": "done"}
        assert time.monotonic() - started > 0.6
    assert command.code == 0


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["missing.jsonl"], 3, "missing.jsonl: No such file"),
        (["mcp-atlassian", "--recording", "missing.jsonl"], 3, "missing.jsonl: No such file"),
        ([RECORDING, "--recording", RECORDING], 2, "twice"),
        ([RECORDING, "--match", "best"], 2, "say exact, params, method, sequence"),
        ([RECORDING, "--match", "get=x"], 2, "or TOOL=HOW"),
        (["mcp-atlassian", "--pace", "slow"], 2, "say fast, recorded, or a factor"),
        (["mcp-atlassian", "--pace", "-1"], 2, "say fast, recorded, or a factor"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[object], code: int, says: str, wiretape: Wiretape
) -> None:
    ran = wiretape("replay", *words)
    assert ran.code == code
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_what_is_no_recording_is_told(tmp_path: Path, wiretape: Wiretape) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text('{"a": 1}\n')
    ran = wiretape("replay", path)
    assert ran.code == 3
    assert ran.err.startswith(f"wiretape: {path}:1: ")
