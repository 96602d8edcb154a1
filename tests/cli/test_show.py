import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Wiretape
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from play import OPENING, Play, call, failure, result
from players import MCP, Streamable
from story import story


@pytest.fixture(autouse=True)
def _no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the width to the tests: pytest-xdist sets one."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return story().write(tmp_path / "story.jsonl")


def objects(wiretape: Wiretape, *words: object) -> list[dict[str, Any]]:
    ran = wiretape("show", "--json", *words)
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def exchanges(wiretape: Wiretape, *words: object) -> list[int]:
    found = objects(wiretape, *words)
    return [item["exchange"] for item in found if item["type"] == "exchange"]


@pytest.mark.parametrize("columns", [80, 120])
def test_the_timeline_fits_its_terminal(
    wiretape: Wiretape,
    file: Path,
    columns: int,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    printed = wiretape("show", file).out
    assert printed == snapshot
    assert max(map(cell_len, printed.splitlines())) <= columns


def test_in_a_pipe_nothing_is_cut(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    long = "https://mcp.example.com/" + "very-long/" * 20
    play.fail(play.request("GET", long), "a reason " * 20 + "in full")
    printed = wiretape("show", play.write(tmp_path / "r.jsonl")).out
    assert long.removeprefix("https://") in printed
    assert "in full" in printed


def test_there_is_colour_on_terminals_only(
    wiretape: Wiretape, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in wiretape("show", file).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1;31m401\x1b[0m" in wiretape("show", file).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31m401" not in wiretape("show", file).out


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_nothing_in_a_recording_reaches_the_terminal_as_a_control(
    wiretape: Wiretape, tmp_path: Path, options: list[str]
) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\u202e\r\n[bold]"
    play = Play()
    session = Streamable(play, "s")
    play.answer(session.post(call(1, evil, name=evil)), {"error": evil}, status=400)
    play.stream(stream := play.listen(f"https://h/{evil}"))
    play.event(stream, event=evil, text=evil)
    play.end(stream, "server abort", evil)
    play.request(evil, evil)
    play.mark(evil)
    play.gap(evil)
    printed = wiretape("show", play.write(tmp_path / "r.jsonl"), *options).out
    assert "owned" in printed
    assert "[bold]" in printed
    assert all(line.isprintable() for line in printed.split("\n"))


def test_a_cut_recording_is_shown_with_a_note(wiretape: Wiretape, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])
    lines = len(story().records) + 1
    ran = wiretape("show", file)
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith(f"cut off in line {lines}: ")
    assert objects(wiretape, file)[-1] == {"type": "cut", "line": lines}


def test_records_without_their_request_are_told(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    play.answer(play.post("http://h/"))
    del play.records[0]
    printed = wiretape("show", play.write(tmp_path / "r.jsonl")).out
    assert "2 records without their request" in printed


def test_an_empty_recording_is_shown(wiretape: Wiretape, tmp_path: Path) -> None:
    printed = wiretape("show", Play().write(tmp_path / "r.jsonl")).out
    assert OPENING.name in printed
    assert "0 exchanges" in printed


def test_only_so_many_events_are_shown(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    play.stream(stream := play.listen("http://h/"))
    for number in range(30):
        play.event(stream, text=f"event {number}.")
    file = play.write(tmp_path / "r.jsonl")
    assert "event 19." in wiretape("show", file).out
    assert re.search(r"… 10 more events +90 B\n", wiretape("show", file).out)
    assert re.search(r"… 1 more event +9 B\n", wiretape("show", file, "--events", 29).out)
    assert "event 20." not in wiretape("show", file).out
    assert "event 29." in wiretape("show", file, "--events", 30).out
    assert len(objects(wiretape, file)[0]["events"]) == 30


def test_a_long_recording_is_shown_to_its_end(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    for number in range(1, 2102):
        play.answer(play.request("GET", f"https://h/{number}."))
    printed = wiretape("show", play.write(tmp_path / "r.jsonl")).out
    assert re.findall(r"h/(\d+)\. ", printed) == [str(number) for number in range(1, 2102)]


def test_filters(wiretape: Wiretape, file: Path) -> None:
    def seen(*words: object) -> list[int]:
        return exchanges(wiretape, file, *words)

    assert seen() == list(range(1, 20))
    assert seen("--kind", "oauth") == [3, 4, 5, 6, 7, 14, 16]
    assert seen("--kind", "mcp") == [1, 2, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19]
    assert seen("--kind", "other") == []
    assert seen("--kind", "error") == [2, 3, 11, 13, 14, 16, 17]
    assert seen("--status", "401", "--status", "3xx") == [1, 2, 6]
    assert seen("--session", 2) == [17, 18, 19]
    assert seen("--session", "a" * 40) == [17, 18, 19]
    assert seen("--session", "0f3c") == [*range(1, 16)]
    assert seen("--session", 1, "--kind", "oauth", "--status", "4xx") == [3, 14]


def test_filters_say_how_much_they_leave(wiretape: Wiretape, file: Path) -> None:
    printed = wiretape("show", file, "--kind", "error").out
    assert "19 exchanges, 7 shown" in printed
    assert "GAP" in printed
    assert "MARK" not in printed
    assert "GAP" not in wiretape("show", file, "--session", 2).out


def test_json_holds_what_an_exchange_was(wiretape: Wiretape, file: Path) -> None:
    tool = objects(wiretape, file)[10]
    assert tool["says"] == [
        {"message": "call", "method": "tools/call", "name": "jira_search_issues", "id": 2}
    ]
    assert (tool["kind"], tool["session"], tool["stream"]) == ("mcp", 1, True)
    assert tool["error"] == "-32602 Unknown project \x1b[31mRED"
    assert [said["message"] for event in tool["events"] for said in event["says"]] == [
        "notification",
        "error",
    ]
    refresh = next(item for item in objects(wiretape, file) if item.get("error") == "invalid_grant")
    assert (refresh["step"], refresh["grant_type"]) == ("token", "refresh_token")
    redirect, followed = objects(wiretape, file)[:2]
    assert (redirect["leads_to"], followed["cause"]) == (2, 1)
    assert followed["error"] == "invalid_token"
    assert {"type": "gap", "lost": 3}.items() <= objects(wiretape, file)[-1].items()


def test_an_error_after_a_redirect_is_that_of_the_last_hop(
    wiretape: Wiretape, tmp_path: Path
) -> None:
    play = Play()
    session = Streamable(play, "s")
    post = session.post(call(1, "x"))
    play.answer(post, status=303, headers={"location": MCP})
    answered = play.request("GET", MCP, headers=session.headers, cause=post)
    play.answer(answered, failure(1, -32601, "no such method"))
    file = play.write(tmp_path / "r.jsonl")
    assert exchanges(wiretape, file, "--kind", "error") == [answered]
    first, second = objects(wiretape, file)[-2:]
    assert (first["says"][0]["method"], first.get("error")) == ("x", None)
    assert second["error"] == "-32601 no such method"


def test_json_has_durations_in_microseconds(wiretape: Wiretape, file: Path) -> None:
    took = [item["took"] for item in objects(wiretape, file) if "took" in item]
    assert took
    assert took == [round(seconds, 6) for seconds in took]


def test_an_error_answered_elsewhere_is_its_calls(wiretape: Wiretape, tmp_path: Path) -> None:
    play = Play()
    session = Streamable(play, "s")
    session.say(call(1, "x"))
    session.hear({"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": "m"}})
    file = play.write(tmp_path / "r.jsonl")
    assert exchanges(wiretape, file, "--kind", "error") == [3, 4]
    assert objects(wiretape, file)[2]["error"] == "-1 m"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--status", "9xx"], 2, "--status 9xx: say a status such as 401, or a class such as 4xx"),
        (["--session", "3"], 2, "sessions there: 1, 2"),
        (["--kind", "strange"], 2, "'mcp', 'oauth', 'other' or"),
    ],
)
def test_mistaken_words_are_told(
    wiretape: Wiretape, file: Path, words: list[str], code: int, message: str
) -> None:
    ran = wiretape("show", file, *words)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err


def test_what_is_no_recording_is_bad_input(wiretape: Wiretape, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}\n")
    ran = wiretape("show", tmp_path / "x")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"wiretape: {tmp_path / 'x'}:1: not the first line of a recording")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(options: list[str], tmp_path: Path) -> None:
    play = Play()
    session = Streamable(play, "s")
    for number in range(2000):
        play.answer(session.post(call(number, "x")), result(number))
    file = play.write(tmp_path / "r.jsonl")
    main = "from wiretape.cli import main; main()"
    command = [sys.executable, "-c", main, "show", *options, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as shown:
        assert shown.stdout is not None
        assert shown.stderr is not None
        shown.stdout.readline()
        shown.stdout.close()
        assert shown.stderr.read() == b""
    assert shown.returncode == 0
