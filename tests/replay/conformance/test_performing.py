"""What becomes of plays, with a target that passes everything on to the service."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from peers.processes import ROOT
from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.replay.conformance.check import Family
from wiretape.replay.conformance.config import Config, System, Upstream
from wiretape.replay.conformance.performing import Played, perform
from wiretape.replay.conformance.reading import Whole, evidence
from wiretape.replay.conformance.stage import Stage, StuckError

TARGET = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            status = urlopen(Request(sys.argv[2])).status if self.path.startswith("/mcp") else 200
        except HTTPError as error:
            status = error.code
        self.send_response(status)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
CRASHING = TARGET.replace(
    "        try:", "        if 'crash' in self.path: os._exit(7)\n        try:"
).replace("import sys", "import os, sys")
CONFIG = Config(
    target=System(
        url="http://127.0.0.1:{port}/mcp",
        command=(sys.executable, "-c", TARGET, "{port}", "{upstream.url}"),
        ready="http://127.0.0.1:{port}/",
    ),
    upstream=Upstream(profile="atlassian-2026-09"),
    folder=ROOT,
)

type Play = Callable[[Stage], Awaitable[None]]


async def ask(stage: Stage) -> None:
    async with stage.http() as http:
        stage.step("asking")
        await http.get(stage.target.url)


def performed(
    folder: Path, *plays: Play, config: Config = CONFIG, seconds: float = 10
) -> tuple[Whole, list[Played]]:
    families = {
        play.__name__: Family(title="A title", checks=(), play=play, seconds=seconds)
        for play in plays
    }
    began: list[str] = []
    over: list[Played] = []
    recording = asyncio.run(
        perform(config, families, folder, began=began.append, played=over.append, warn=pytest.fail)
    )
    assert began == [each.trial for each in over] == list(families)
    return evidence(recording), over


def test_both_sides_are_recorded(tmp_path: Path) -> None:
    whole, (over,) = performed(tmp_path, ask)
    found = whole.trials["ask"]
    assert over.stuck is None
    assert [(turn.side, turn.step, turn.status) for turn in found.turns] == [
        ("down", "asking", 401),
        ("up", "asking", 401),
    ]


def test_a_note_has_the_pseudonym_of_what_was_seen(tmp_path: Path) -> None:
    token = "Zk3tQ9pXv7Lw2RmB5nYc"

    async def noting(stage: Stage) -> None:
        async with stage.http(headers={"authorization": f"Bearer {token}"}) as http:
            await http.get(stage.target.url)
        stage.note("seen", f"the token {token}")

    whole, _ = performed(tmp_path, noting)
    found = whole.trials["noting"]
    assert found.down[0].bearer not in {None, token}
    assert found.noted("seen") == (f"the token {found.down[0].bearer}",)


def test_whoever_is_stuck_says_why_and_the_next_goes_on(tmp_path: Path) -> None:
    async def stuck(stage: Stage) -> None:
        del stage
        raise StuckError("no form on the page")

    whole, (first, second) = performed(tmp_path, stuck, ask)
    assert (first.stuck, second.stuck) == ("no form on the page", None)
    assert whole.trials["stuck"].stuck == "no form on the page"
    assert whole.trials["ask"].stuck is None


def test_an_answer_of_another_kind_is_no_end_of_the_run(tmp_path: Path) -> None:
    async def trusting(stage: Stage) -> None:
        told: dict[str, object] = {}
        stage.note("tokens", str(told["access_token"]))

    _, (first, second) = performed(tmp_path, trusting, ask)
    said = "what came is not as it ought to be: KeyError: 'access_token'"
    assert (first.stuck, second.stuck) == (said, None)


def test_a_play_has_its_time(tmp_path: Path) -> None:
    async def endless(stage: Stage) -> None:
        del stage
        await asyncio.Event().wait()

    _, (over,) = performed(tmp_path, endless, seconds=0.1)
    assert over.stuck == "it took longer than 0.1 s"


def test_a_target_that_does_not_answer_is_told_by_its_url_alone(tmp_path: Path) -> None:
    async def impatient(stage: Stage) -> None:
        stage.arm("latency", seconds=5)
        async with stage.http() as http:
            await http.get(stage.target.url, params={"code": "secret"}, timeout=0.2)

    _, (over,) = performed(tmp_path, impatient)
    assert over.stuck is not None
    assert over.stuck.endswith("/mcp was not answered in time")
    assert "secret" not in over.stuck


def test_faults_end_with_their_trial(tmp_path: Path) -> None:
    async def broken(stage: Stage) -> None:
        stage.arm("unauthorized")
        await ask(stage)

    async def after(stage: Stage) -> None:
        assert not list(stage.service.service.faults)
        await ask(stage)

    _, over = performed(tmp_path, broken, after)
    assert [each.stuck for each in over] == [None, None]


def test_time_passes_at_the_service(tmp_path: Path) -> None:
    async def later(stage: Stage) -> None:
        before = stage.service.service.world.clock.now()
        stage.advance(3300)
        assert stage.service.service.world.clock.now() >= before + 3300
        await ask(stage)

    whole, _ = performed(tmp_path, later)
    assert whole.everything.turns[0].exchange.request.t > 3300


def test_what_goes_to_the_service_is_recorded_once(tmp_path: Path) -> None:
    async def straight(stage: Stage) -> None:
        async with stage.http() as http:
            await http.get(stage.service.urls[0])

    whole, _ = performed(tmp_path, straight)
    assert [turn.side for turn in whole.everything.turns] == ["up"]


def test_the_target_restarts_where_it_was(tmp_path: Path) -> None:
    async def restarted(stage: Stage) -> None:
        await ask(stage)
        await stage.target.restart()
        await ask(stage)

    whole, _ = performed(tmp_path, restarted)
    assert [turn.url for turn in whole.everything.down] == [whole.everything.down[0].url] * 2


def test_a_target_that_does_not_start(tmp_path: Path) -> None:
    system = CONFIG.target.model_copy(update={"command": (sys.executable, "-c", "exit(3)")})
    with pytest.raises(EnvironmentFaultError, match="ended with exit code 3"):
        performed(tmp_path, ask, config=CONFIG.model_copy(update={"target": system}))


def test_a_profile_that_is_none(tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"upstream": Upstream(profile="nothing")})
    with pytest.raises(BadInputError, match="nothing: no such file"):
        performed(tmp_path, ask, config=config)


def test_its_log_is_for_its_owner(tmp_path: Path) -> None:
    performed(tmp_path, ask)
    assert (tmp_path / "target.log").stat().st_mode & 0o777 == 0o600


def test_a_target_that_ended_is_why_a_play_could_not_go_on(tmp_path: Path) -> None:
    async def crash(stage: Stage) -> None:
        async with stage.http() as http:
            await http.get(stage.target.url.replace("/mcp", "/crash"))
            while stage.lost() is None:  # noqa: ASYNC110 - a process tells nothing
                await asyncio.sleep(0.01)
            await ask(stage)
        raise StuckError("registration failed")

    command = (sys.executable, "-c", CRASHING, "{port}", "{upstream.url}")
    target = CONFIG.target.model_copy(update={"command": command})
    _, (over,) = performed(tmp_path, crash, config=CONFIG.model_copy(update={"target": target}))
    assert over.stuck is not None
    assert over.stuck.startswith("the target ended with exit code 7")


def test_an_answer_that_is_no_json_is_told_as_that(tmp_path: Path) -> None:
    async def read(stage: Stage) -> None:
        del stage
        json.loads("")

    _, (over,) = performed(tmp_path, read)
    assert over.stuck is not None
    assert over.stuck.startswith("what came is not as it ought to be: JSONDecodeError")
