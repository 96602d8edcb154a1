"""What is shown while recording."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from stage import Stage, answer, get, post, respond
from wiretape.cli.live import LiveView, line
from wiretape.recorder.log.exchanges import Exchange, exchanges
from wiretape.recorder.log.reader import Line
from wiretape.recorder.log.records import Recording


def one(stage: Stage) -> Exchange:
    lines = [
        Line(number, record)
        for number, record in enumerate(stage.records, 2)
        if not isinstance(record, Recording)
    ]
    (exchange,) = exchanges(lines)
    return exchange


def test_a_line_says_what_passed():
    stage = Stage()
    tap = stage.tap()
    post(
        tap,
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"getJiraIssue"}}',
        content_type="application/json",
    )
    answer(tap, b"{}", content_type="application/json")
    assert line(one(stage)).plain.split() == (
        ["0.000", "1", "POST", "mcp.example/mcp", "200", "tools/call", "getJiraIssue"]
    )


def test_a_line_says_what_went_wrong():
    stage = Stage()
    tap = stage.tap()
    get(tap)
    tap.failed("dns", "Name or service not known")
    assert line(one(stage)).plain.endswith("dns: Name or service not known")


def test_what_a_terminal_would_obey_is_escaped():
    stage = Stage()
    tap = stage.tap()
    tap.request_head(method="G\x1b[2J", url="http://a.example/\x1b]0;x", http="1", headers=[])
    tap.request_end()
    tap.failed("tls", "\x1b[31mred\x07")
    assert "\x1b" not in line(one(stage)).plain
    assert "\x07" not in line(one(stage)).plain


def see(stage: Stage, *, quiet: bool, capsys: pytest.CaptureFixture[str]) -> str:
    view = LiveView(quiet=quiet)
    with view:
        for record in stage.records:
            view.see(record)
    return capsys.readouterr().err


def a_session() -> Stage:
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream")
    tap.response_data(b"data: 1\n\ndata: 2\n\n")
    tap.aborted("server abort", "gone")
    stage.recorder.lost("the disk was full")
    return stage


def test_away_from_a_terminal_there_are_plain_lines(capsys: pytest.CaptureFixture[str]):
    shown = see(a_session(), quiet=False, capsys=capsys)
    assert "\x1b" not in shown
    assert "GET    mcp.example/v1/sse  200  server abort" in shown
    assert "warning: the disk was full" in shown


def test_quiet_prints_only_what_is_lost(capsys: pytest.CaptureFixture[str]):
    assert see(a_session(), quiet=True, capsys=capsys) == "warning: the disk was full\n"


def test_on_a_terminal_a_line_is_cut_not_wrapped():
    stage = Stage()
    tap = stage.tap()
    get(tap, "https://mcp.example/" + "long/" * 50)
    answer(tap)
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    console.print(line(one(stage)), no_wrap=True, overflow="ellipsis")
    assert isinstance(console.file, io.StringIO)
    assert len(console.file.getvalue().splitlines()) == 1


def test_one_of_a_kind_is_no_plural(capsys: pytest.CaptureFixture[str]):
    view = LiveView(quiet=False)
    stage = Stage()
    tap = stage.tap()
    get(tap)
    respond(tap, content_type="text/event-stream")
    tap.response_data(b"data: 1\n\n")
    tap.response_end()
    stage.recorder.lost("the disk was full")
    for record in stage.records:
        view.see(record)
    view.totals(Path("r.jsonl"))
    assert "1 exchange, 1 event, 1 gap → r.jsonl" in capsys.readouterr().err
