from pathlib import Path

import pytest

from play import Play
from players import MCP
from story import story
from wiretape.analysis.facts import Place
from wiretape.analysis.report import quotes as module
from wiretape.analysis.report.quotes import quotes

CLOSED = "peer closed connection without sending complete message body"
UNKNOWN = "[Errno -5] No address associated with hostname"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return story().write(tmp_path / "story.jsonl")


def gists(recording: Path, *lines: int) -> list[str]:
    return [quote.gist for quote in quotes([recording], [Place(0, line) for line in lines])]


@pytest.mark.parametrize(
    ("line", "gist", "request_"),
    [
        (5, "POST https://mcp.example.com/mcp initialize", None),
        (6, '401 www-authenticate: Bearer realm="OAuth", error="invalid_token"', f"POST {MCP}"),
        (30, "200 text/event-stream", f"GET {MCP}"),
        (34, "event message notifications/progress", f"POST {MCP}"),
        (44, f"server abort {CLOSED}", f"POST {MCP}"),
        (53, f"connect: {UNKNOWN}", "POST https://nowhere.example.com/token"),
    ],
)
def test_a_quote_says_in_short_what_stands_on_a_line(
    recording: Path, line: int, gist: str, request_: str | None
) -> None:
    assert gists(recording, line) == [f"{gist} ← {request_}" if request_ else gist]


def test_lines_that_are_no_records_of_an_exchange_are_quoted_too(recording: Path) -> None:
    assert gists(recording, 31, 54) == ["call a tool", "3 lost: No space left on device"]


def test_quotes_stand_in_order_and_once(tmp_path: Path, recording: Path) -> None:
    other = Play()
    other.mark("one")
    paths = [recording, other.write(tmp_path / "other.jsonl")]
    found = quotes(paths, [Place(1, 2), Place(0, 9), Place(0, 5), Place(1, 2)])
    assert [quote.place for quote in found] == [(0, 5), (0, 9), (1, 2)]


def test_no_more_are_quoted_than_a_report_has_room_for(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    assert len(gists(recording, 2, 3, 5)) == 2


def test_what_is_not_there_or_cut_off_is_left_out(recording: Path) -> None:
    recording.write_bytes(recording.read_bytes()[:-5])
    last = recording.read_bytes().count(b"\n") + 1
    assert gists(recording, 1, last, last + 7) == []
