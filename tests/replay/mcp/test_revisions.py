"""The revisions that a service speaks, and what differs between them."""

import json
from typing import Any

from replayed import Caller
from wiretape.analysis.profile.model import Profile
from wiretape.replay.mcp.modern import speaks

URL = "https://mcp.example/mcp"


def caller(**protocol: object) -> Caller:
    known = {"name": "mine", "endpoints": {"mcp": URL}, "protocol": protocol}
    return Caller(Profile.model_validate(known))


def said(caller: Caller, method: str, **params: object) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.loads(caller.post_json(URL, message).body)


def test_what_was_refused_is_no_revision() -> None:
    asked = caller(revisions={"2025-06-18": "2025-06-18", "1.0": "refused"})
    for offered in ("1.0", "2.0", "2025-06-18"):
        chosen = said(asked, "initialize", protocolVersion=offered)["result"]["protocolVersion"]
        assert chosen == "2025-06-18"
    assert not speaks(asked.profile)


def test_what_is_gone_since_2026_is_still_there_before() -> None:
    both = ["2025-11-25", "2026-07-28"]
    assert said(caller(supported=both, not_found=["ping"]), "ping")["result"] == {}
    older = ["2025-11-25"]
    assert said(caller(supported=older, not_found=["ping"]), "ping")["error"]["code"] == -32601
