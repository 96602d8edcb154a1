"""`wiretape probe`: its words, and its walks through real servers, through the real recorder."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from command import Wiretape

from peers import Server, serve
from peers.processes import environment
from wiretape.recorder.log.consistency import Consistency
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import Line, read
from wiretape.recorder.log.records import End, Error, Gap, Mark, Request, Response
from wiretape.recorder.log.sessions import sessions
from wiretape.recorder.probe.plan import all_steps

WIRETAPE = str(Path(sys.executable).with_name("wiretape"))
SECONDS = 90
OAUTH_ONLY = {
    "registration",
    "wrong-verifier",
    "reused-code",
    "authorize",
    "token",
    "refresh",
    "refresh-reuse",
    "revocation",
}


@dataclass(frozen=True)
class Probed:
    """What a probe printed and recorded."""

    said: str
    lines: list[Line]
    out: Path

    @property
    def marks(self) -> list[tuple[str, str | None]]:
        return [(line.record.name, line.record.detail) for line in self.of(Mark)]

    def of(self, kind: type) -> list[Line]:
        return [line for line in self.lines if isinstance(line.record, kind)]

    @property
    def outcomes(self) -> dict[str, str | None]:
        """The last mark of every step."""
        return dict(self.marks)

    def statuses(self, step: str) -> dict[str, int]:
        """What each request of a step was answered, by its label."""
        found: dict[str, int] = {}
        requests: dict[int, str] = {}
        at: tuple[str, str] = ("", "")
        for line in self.lines:
            match line.record:
                case Mark(name=name, detail=detail):
                    at = (name, detail or "")
                case Request(exchange=number) if at[0] == f"probe {step}":
                    requests[number] = at[1]
                case Response(exchange=number, status=status) if number in requests:
                    found[requests[number]] = status
        return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@contextmanager
def probing(
    url: str, home: Path, *options: str, browser: str | None = None
) -> Iterator[subprocess.Popen[str]]:
    how = [] if browser else ["--headless"]
    with subprocess.Popen(
        [WIRETAPE, "probe", *how, "--rate", "100", *options, url],
        env=environment() | {"XDG_DATA_HOME": str(home), "BROWSER": browser or "false %s"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def recorded(out: Path) -> list[Line]:
    """Read the recording of a probe, which must be whole."""
    (path,) = out.glob("mcp-traffic-*.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with read(path) as reading:
        lines = list(reading)
        assert reading.cut is None
    consistency = Consistency()
    for line in lines:
        assert not list(consistency.see(line))
    assert not list(consistency.close())
    return lines


def probe(server: Server, home: Path, out: Path, *options: str) -> Probed:
    own = [word for pair in server.walk.headers.items() for word in ("--header", ": ".join(pair))]
    with probing(server.url, home, "--record", "--out", str(out), *own, *options) as process:
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    return Probed(said, recorded(out), out)


@pytest.fixture(scope="module", params=["notes", "notes-sse", "atlassian"])
def walked(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Probed, Probed]:
    """A server's name, and two active probes of it."""
    call = {
        "notes": 'add_note={"title":"milk","text":"two litres"}',
        "notes-sse": "list_notes={}",
        "atlassian": 'jira_get_issue={"issue_key":"DEMO-1"}',
    }[request.param]
    with serve(request.param) as server:
        first, second = (
            probe(server, home, tmp_path_factory.mktemp("out"), "--active", "--call", call)
            for _ in range(2)
        )
    return request.param, first, second


def test_every_step_is_walked_to_its_end(walked: tuple[str, Probed, Probed]):
    name, first, _ = walked
    outcomes = first.outcomes
    assert outcomes["probe"] == "end"
    for step in all_steps():
        if step.id == "lifecycle":
            assert outcomes["probe lifecycle"] == "left out: only with --lifecycle"
        elif name == "atlassian" and step.id in OAUTH_ONLY:
            assert (outcomes[f"probe {step.id}"] or "").startswith("left out: needs server")
        else:
            assert outcomes[f"probe {step.id}"] == "done"


def test_two_probes_of_a_server_have_the_same_marks(walked: tuple[str, Probed, Probed]):
    _, first, second = walked
    assert first.marks == second.marks


def test_two_probes_of_a_server_get_the_same_answers(walked: tuple[str, Probed, Probed]):
    _, first, second = walked
    for step in all_steps():
        assert first.statuses(step.id) == second.statuses(step.id)


def test_every_request_stands_after_its_mark_and_before_the_next(
    walked: tuple[str, Probed, Probed],
):
    _, first, _ = walked
    kept = {line.record.exchange for line in first.of(Response) if line.record.stream}
    open_ones = set[int]()
    between = [
        len([record for record in records if isinstance(record, Request)])
        for is_mark, records in groupby(
            (line.record for line in first.lines), key=lambda record: isinstance(record, Mark)
        )
        if not is_mark
    ]
    assert set(between) <= {0, 1}
    for line in first.lines:
        match line.record:
            case Request(exchange=number):
                open_ones.add(number)
            case End(exchange=number):
                open_ones.discard(number)
            case Mark():
                assert open_ones <= kept


def test_a_recording_of_a_probe_is_whole_and_holds_no_secret(
    walked: tuple[str, Probed, Probed], wiretape: Wiretape
):
    name, first, _ = walked
    assert first.of(Gap) == []
    assert first.of(Error) == []
    (path,) = first.out.glob("*.jsonl")
    assert wiretape("check", path).code == 0
    found = sessions(tuple(exchanges(first.lines)))
    transport = "sse" if name == "notes-sse" else "streamable"
    assert transport in {session.transport for session in found}


def test_what_a_service_answers_is_found_at_the_marks(walked: tuple[str, Probed, Probed]):
    name, first, _ = walked
    refused = first.statuses("challenge")
    assert refused["POST without a token"] == (405 if name == "notes-sse" else 401)
    assert first.statuses("slash")["POST the other spelling"] == 307
    if name == "atlassian":
        assert first.statuses("content")["POST accepting JSON only"] == 406
        assert first.statuses("session")["POST with an unknown session id"] == 404
        assert first.statuses("cors")["preflight POST the endpoint"] == 405
        assert "jira_get_issue: 200, a result" in first.said
    else:
        assert first.statuses("wrong-verifier")["exchange with a wrong verifier"] == 400
        assert first.statuses("reused-code")["exchange the same code again"] == 400
        assert first.statuses("refresh-reuse")["the old refresh token at once"] == 400
        assert first.statuses("revocation")["the refresh token after it"] == 400
    if name == "notes":
        assert first.statuses("session")["POST after its end"] == 404
        assert "add_note: 200, a result" in first.said


def test_the_life_of_a_token_is_measured(home: Path, tmp_path: Path):
    life = ("--active", "--lifecycle", "--only", "lifecycle")
    with serve("notes", options=("--token-seconds", "12")) as server:
        done = probe(server, home, tmp_path, *life, "--max-wait", "12s")
    (path,) = tmp_path.glob("token-lifecycle-results-*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert told["grant"]["expires_in"] == 12
    assert told["grant"]["access_token"] == {"length": 74, "segments": [24, 16, 32]}
    assert [check["accepted"] for check in told["checks"]] == [True, True, False]
    assert told["checks"][-1]["challenge_error"] == "invalid_token"
    assert 9 <= told["at_least"] < 13  # the server counts in whole seconds
    assert told["less_than"] >= 14
    assert told["refresh_after_expiry"]["rotated"]
    assert told["recording"] in {file.name for file in tmp_path.glob("*.jsonl")}
    assert done.outcomes["probe lifecycle"] == "done"


def test_an_interruption_leaves_a_recording_and_the_results(home: Path, tmp_path: Path):
    life = ("--active", "--lifecycle", "--only", "lifecycle", "--record", "--out", str(tmp_path))
    with (
        serve("notes", options=("--token-seconds", "3600")) as server,
        probing(server.url, home, *life) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            if "waiting" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    done = Probed("", recorded(tmp_path), tmp_path)
    assert done.marks[-1] == ("probe", "interrupted")
    assert done.outcomes["probe token"] == "done"
    (path,) = tmp_path.glob("token-lifecycle-results-*.json")
    assert [check["label"] for check in json.loads(path.read_text())["checks"]] == [
        "the fresh token"
    ]
    assert list(tmp_path.glob("*.redaction.json"))


def test_a_user_consents_in_the_browser(home: Path, tmp_path: Path):
    code = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"
    browser = f"{sys.executable} -c '{code}' %s"
    grant = ("--active", "--only", "token", "--record", "--out", str(tmp_path))
    with (
        serve("notes") as server,
        probing(server.url, home, *grant, browser=browser) as process,
    ):
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    done = Probed(said, recorded(tmp_path), tmp_path)
    assert done.statuses("authorize") == {"authorize": 302}
    assert done.outcomes["probe token"] == "done"


def test_without_leave_nothing_is_registered(home: Path, tmp_path: Path):
    with serve("notes") as server:
        done = probe(server, home, tmp_path)
    assert done.outcomes["probe registration"] == "left out: writes: only with --active"
    assert done.outcomes["probe authorize"] == "left out: needs client"
    assert done.outcomes["probe connect"] == "left out: needs credentials"
    posted = {
        line.record.url for line in done.of(Request) if line.record.method not in ("GET", "OPTIONS")
    }
    assert posted == {server.url}


def test_a_slash_that_is_missing_is_told(home: Path, tmp_path: Path):
    with serve("redirecting") as server:
        done = probe(server, home, tmp_path)
    assert done.outcomes["probe connect"] == "failed"
    assert f"the endpoint redirects (307): probe {server.url}/ instead" in done.said


def test_a_service_that_cannot_be_reached_is_recorded_as_such(home: Path, tmp_path: Path):
    for url in ("http://127.0.0.1:1/mcp", "https://127.0.0.1:1/mcp"):
        out = tmp_path / url.partition(":")[0]
        with probing(url, home, "--record", "--out", str(out)) as process:
            said, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 4
        assert re.search(f"(?m)^wiretape: cannot reach {url}: .*Connect call failed", said)
        (error,) = Probed(said, recorded(out), out).of(Error)
        assert error.record.kind == "connect"


def test_without_a_recording_it_prints_what_it_sees(home: Path, tmp_path: Path):
    with serve("notes") as server, probing(server.url, home, "--out", str(tmp_path)) as process:
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "401  POST without a token  application/json" in said
    assert list(tmp_path.iterdir()) == []


def test_help_has_examples(wiretape: Wiretape):
    ran = wiretape("probe", "--help")
    assert ran.code == 0
    assert ran.out.count("wiretape probe --") >= 4


def test_a_plan_is_printed_and_nothing_sent(wiretape: Wiretape):
    ran = wiretape("probe", "--plan", "--active", "http://127.0.0.1:1/mcp")
    assert ran.code == 0
    for step in all_steps():
        assert re.search(rf"(?m)^{step.id} +{step.effect} +≤ {step.most} ", ran.out)
    assert re.search(r"at most \d+ requests, 5 per second", ran.out)
    bound = sum(step.most for step in all_steps() if step.id != "lifecycle")
    assert f"at most {bound} requests" in ran.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mcp.example/mcp"], "say http:// or https:// too"),
        (["ftp://mcp.example"], "not the URL of a service"),
        (["http://"], "not the URL of a service"),
        (["http://[::1/mcp"], "not the URL of a service"),
        (["http://a b/"], "not the URL of a service"),
        (["http://mcp.example:x/"], "not the URL of a service"),
        (["http://mcp.example/#x"], "no fragment"),
        (["http://me:word@mcp.example/"], "send credentials with --header"),
        (["--skip", "no-step", "http://x/"], "there is no step 'no-step'"),
        (["--call", "tool", "http://x/"], "say NAME=JSON"),
        (["--call", "tool=[1]", "http://x/"], "say NAME=JSON"),
        (["--call", "tool={", "http://x/"], "say NAME=JSON"),
        (["--header", "no colon", "http://x/"], "--header: not a header"),
        (["--header", "a b: c", "http://x/"], "--header: not a header"),
        (["--max-wait", "soon", "http://x/"], "say a time, such as 90s"),
        (["--call", "t={}"] * 21 + ["http://x/"], "at most 20 calls"),
    ],
)
def test_a_mistake_is_told_in_one_line(wiretape: Wiretape, words: list[str], said: str):
    ran = wiretape("probe", *words)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_headers_come_from_a_file_and_are_never_repeated(wiretape: Wiretape, tmp_path: Path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("authorization: Bearer x\n\nx-site: 1\n")
    bad.write_text("authorization: Bearer x\nBearer planted-secret\n")
    assert wiretape("probe", "--plan", "--header", f"@{good}", "http://x/").code == 0
    ran = wiretape("probe", "--header", f"@{bad}", "http://x/")
    assert (ran.code, "planted-secret" in ran.err) == (2, False)
    assert f"{bad}:2: not a header" in ran.err
    ran = wiretape("probe", "--header", f"@{tmp_path / 'none.txt'}", "http://x/")
    assert ran.code == 3


def test_the_steps_are_all_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs/probe.md").read_text()
    for step in all_steps():
        row = rf"(?m)^\| `{step.id}` \| .+ \| {step.effect} \| {step.most} \|"
        assert re.search(row, text), step.id


def test_it_needs_no_mitmproxy_unless_it_records():
    code = "import sys, wiretape.cli.probe; sys.exit('mitmproxy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
