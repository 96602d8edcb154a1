"""A service that is recorded again, with other tokens, at another time and host, is the same."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from comparing import compared
from official import official
from our_bridge import mended_bridge, our_bridge
from play import Play
from wiretape.recorder.log.reader import read
from wiretape.recorder.redaction.again import redact_again
from wiretape.recorder.redaction.redactor import Redactor

HOSTS = {
    b"mcp.atlassian.com": b"mcp.example8.test",
    b"atlassian-remote-mcp-production.": b"atlassian-remote-mcp-elsewhere1.",
    b"bridge.example.com": b"bridge.example.org",
    b"auth.atlassian.com": b"auth.example81.org",
}
LATER = timedelta(days=200)


def again(play: Play, scratch: Path) -> Path:
    """Record a play once more: later, slower, elsewhere, with other values for all secrets."""
    play.records = [
        replace(
            record, at=record.at + LATER + timedelta(seconds=record.t * 0.001), t=record.t * 1.001
        )
        for record in play.records
    ]
    first, redacted = play.write(scratch / "first.jsonl"), scratch / "redacted.jsonl"
    text = first.read_bytes()
    for here, there in HOSTS.items():
        assert len(here) == len(there)
        text = text.replace(here, there)
    first.write_bytes(text)
    with read(first) as recording:
        redact_again(recording, redacted, Redactor())
    return redacted


@pytest.mark.parametrize("recorded", [official, our_bridge, mended_bridge])
def test_it_does_not_differ(recorded: Callable[[], Play], tmp_path: Path) -> None:
    found = compared(recorded(), again(recorded(), tmp_path))
    assert found.differences == ()
    assert found.unseen == ()
