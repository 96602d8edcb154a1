"""What comes of several recordings does not depend on the order in which they are named."""

from datetime import timedelta
from pathlib import Path

import msgspec

from play import OPENING, Play, call, result
from players import MCP
from wiretape.analysis.analyse import analyse

TOKEN_URL = "https://mcp.example.com/token"
GOOD = {"Authorization": "Bearer t1"}


def written(play: Play, path: Path, seconds: float) -> Path:
    """Write a recording that starts so much later than plays do."""
    play.write(path)
    first, *rest = path.read_bytes().splitlines(keepends=True)
    opening = msgspec.structs.replace(OPENING, start=OPENING.start + timedelta(seconds=seconds))
    assert first
    path.write_bytes(msgspec.json.encode(opening) + b"\n" + b"".join(rest))
    return path


def test_recordings_are_read_in_the_order_of_their_time(tmp_path: Path) -> None:
    before = Play()
    form = {"grant_type": "authorization_code", "code": "c", "client_id": "x"}
    post = before.request("POST", TOKEN_URL, form=form)
    before.answer(post, {"access_token": "t1", "expires_in": 3300})
    before.answer(before.post(MCP, call(1, "ping"), GOOD), result(1))
    after = Play()
    after.later(3400)
    after.answer(after.post(MCP, call(1, "ping"), GOOD), {"error": "invalid_token"}, status=401)
    early = written(before, tmp_path / "z.jsonl", 0)
    late = written(after, tmp_path / "a.jsonl", 3400)

    forwards, backwards = analyse([early, late]), analyse([late, early])

    assert forwards == backwards
    assert [source.path for source in forwards.sources] == [early, late]
    found = {each.id for area in forwards.findings.values() for each in area}
    assert "token.lifetime.observed" in found
