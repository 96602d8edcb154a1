"""Services that answer as a play was recorded, and clients of theirs, in this process."""

import json
from pathlib import Path
from typing import Any

from concluded import concluded
from play import Json, Play
from replayed import Caller, header
from wiretape.analysis.profile.compile import profile_of
from wiretape.replay.http.messages import Reply
from wiretape.replay.journal import Entry
from wiretape.replay.recorded.index import Index, Match
from wiretape.replay.recorded.player import Matching
from wiretape.replay.recorded.reading import interactions
from wiretape.replay.service import Choices

SESSION = "mcp-session-id"


def remembering(
    recording: Path,
    match: Match = "params",
    *,
    assumed: bool = False,
    pace: float = 0,
    **by_name: Match,
) -> Caller:
    """Give a service that has only a recording."""
    choices = Choices(
        recorded=Index(interactions([recording])),
        matching=Matching(match, by_name),
        assumed=assumed,
        pace=pace,
    )
    return Caller(profile_of(concluded(recording), "play"), choices)


def played(play: Play, folder: Path, match: Match = "params", **how: Any) -> Caller:
    """Give a service that has only a play."""
    return remembering(play.write(folder / "play.jsonl"), match, **how)


class Client:
    """A client with a session over streamable HTTP."""

    def __init__(self, caller: Caller, agent: str = "a client") -> None:
        self.caller = caller
        self.headers = {"user-agent": agent}
        opened = self.post(1, "initialize", protocolVersion="2025-06-18")
        assert opened.status == 200, opened.body
        if found := header(opened, SESSION):
            self.headers[SESSION] = found

    @property
    def entry(self) -> Entry:
        """The last entry of the journal."""
        return tuple(self.caller.service.world.journal)[-1]

    def post(self, number: Json, method: str, **params: Any) -> Reply:
        sent = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        return self.caller.post_json(self.caller.profile.endpoints.mcp or "", sent, self.headers)

    def say(self, number: Json, method: str, **params: Any) -> list[Json]:
        """Give the messages that a call is answered with."""
        reply = self.post(number, method, **params)
        assert reply.status == 200, reply.body
        if not reply.is_event_stream:
            return [json.loads(reply.body)]
        data = [line for line in reply.body.split(b"\n") if line.startswith(b"data: ")]
        return [json.loads(line[6:]) for line in data]

    def call(self, tool: str, number: Json = 1, **arguments: Json) -> Json:
        """Give the result of a tool's call, or the error."""
        (said,) = self.say(number, "tools/call", name=tool, arguments=arguments)
        assert said["id"] == number
        return said.get("result", said.get("error"))
