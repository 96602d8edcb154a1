"""`wiretape conform`: with the reference bridge, and on recordings that are made up."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import pytest
from command import Wiretape

from peers.processes import ROOT
from trials import SIDES, TARGET, Trial
from wiretape.recorder.errors import BadInputError
from wiretape.replay.conformance import baseline
from wiretape.replay.conformance.evidence import OVER
from wiretape.replay.conformance.evidence import SIDES as SIDES_MARK
from wiretape.replay.conformance.reading import sides_mark

WIRETAPE = str(Path(sys.executable).with_name("wiretape"))
CONFIG = Path(ROOT, "examples", "bridge", "wiretape.toml")
FILES = {f"conformance.{kind}" for kind in ("html", "json", "md", "sarif", "xml")}
IDS = ("pkce.wrong-verifier", "pkce.no-verifier", "pkce.required")
PKCE = tuple(word for id_ in IDS for word in ("--check", id_))


def broken(folder: Path, *, told: bool = True) -> Path:
    """A recording of a bridge that takes any verifier, and of nothing else."""
    trial = Trial("pkce")
    if told:
        trial.mark(SIDES_MARK, sides_mark(SIDES))
    trial.step("a wrong verifier")
    form = {"grant_type": "authorization_code", "code": "c", "code_verifier": "wrong"}
    trial.answer(
        trial.request("POST", f"{TARGET}/token", form=form), {"access_token": "t", "expires_in": 1}
    )
    for step, status in (("a challenge", 200), ("no challenge", 400)):
        trial.step(step)
        asked = urlencode({"response_type": "code", "client_id": "c"})
        trial.answer(trial.request("GET", f"{TARGET}/authorize?{asked}"), status=status)
    trial.mark(OVER, "pkce")
    return trial.write(folder / "broken.jsonl")


def of_broken(folder: Path, *more: object) -> tuple[object, ...]:
    out = folder / "out"
    return "conform", "bridge", "--recording", broken(folder), *PKCE, "-o", out, *more


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What a run printed that passes, and its folder."""
    out = tmp_path_factory.mktemp("passed") / "out"
    words = ("conform", "bridge", "-c", str(CONFIG), *PKCE, "-o", str(out))
    done = subprocess.run([WIRETAPE, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, out


def test_a_run_that_passes_is_told_in_a_line(passed: tuple[str, Path]) -> None:
    out, folder = passed
    first, second = out.splitlines()
    assert first.startswith("3 pass in ")
    assert second == f"Open {folder}/conformance.html"


def test_everything_is_in_the_folder_for_its_owner_only(passed: tuple[str, Path]) -> None:
    _, folder = passed
    there = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    (recording,) = (name for name in there if name.endswith(".jsonl"))
    assert there.keys() >= {*FILES, "target.log", recording}
    assert set(there.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    found = json.loads((folder / "conformance.json").read_text())
    assert found["recording"] == recording
    assert (found["good"], found["counts"]) == (True, {"pass": 3})
    assert found["profile"] == "atlassian-2026-03"


def test_its_own_recording_is_judged_the_same_again(
    passed: tuple[str, Path], wiretape: Wiretape, tmp_path: Path
) -> None:
    (recording,) = passed[1].glob("*.jsonl")
    ran = wiretape("conform", "bridge", "--recording", recording, *PKCE, "-o", tmp_path / "again")
    assert (ran.code, ran.err) == (0, "")
    again, before = (
        json.loads((folder / "conformance.json").read_text())["results"]
        for folder in (tmp_path / "again", passed[1])
    )
    assert again == before


def test_what_passes_is_told_on_demand(
    passed: tuple[str, Path], wiretape: Wiretape, tmp_path: Path
) -> None:
    (recording,) = passed[1].glob("*.jsonl")
    words = ("--recording", recording, *PKCE, "-o", tmp_path)
    ran = wiretape("conform", "bridge", *words, "--verbose")
    passing = [line.split()[1] for line in ran.out.splitlines() if line.startswith("pass ")]
    assert sorted(passing) == sorted(IDS)


def test_a_failure_is_told_in_full(
    wiretape: Wiretape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    ran = wiretape(*of_broken(tmp_path))
    assert ran.code == 1
    told = json.loads((tmp_path / "out" / "conformance.json").read_text())["results"]
    failed = next(each for each in told if each["outcome"] == "fail")
    assert ran.out.splitlines()[:-1] == [
        "fail        pkce.wrong-verifier  A code is not exchanged with a wrong verifier",
        "            requires  MUST: RFC 7636, 4.6",
        "                      https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
        f"            seen      {failed['seen']}",
        "                      client → target: POST /token authorization_code → 200 (lines 5, 6)",
        f"            remedy    {failed['remedy']}",
        "",
        "1 fail, 1 untestable, 1 pass",
    ]
    assert ran.err == "wiretape: 1 check could not be tested, which was accepted\n"


@pytest.mark.parametrize("columns", [60, 120])
def test_it_fits_and_has_no_colour_in_a_pipe(
    wiretape: Wiretape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    *lines, _ = wiretape(*of_broken(tmp_path, "--verbose")).out.splitlines()
    assert max(map(len, lines)) <= columns
    assert "\x1b" not in "".join(lines)


def test_a_program_gets_json_only(wiretape: Wiretape, tmp_path: Path) -> None:
    ran = wiretape(*of_broken(tmp_path, "--json"))
    assert ran.code == 1
    assert ran.out == (tmp_path / "out" / "conformance.json").read_text()
    assert "1 fail, 1 untestable, 1 pass" in ran.err
    assert fromstring((tmp_path / "out" / "conformance.xml").read_text()).get("failures") == "1"


def test_where_the_target_is_can_be_told(wiretape: Wiretape, tmp_path: Path) -> None:
    recording = broken(tmp_path, told=False)
    words = ("conform", "bridge", "--recording", recording, *PKCE, "-o", tmp_path / "out")
    ran = wiretape(*words)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith("does not tell which side is the target's; say --target-origin URL\n")
    assert wiretape(*words, "--target-origin", f"{TARGET}/mcp").code == 1
    several = ("--target-origin", "https://another.example", "--target-origin", TARGET)
    assert wiretape(*words, *several).code == 1
    other = "https://another.example"
    ran = wiretape(*words, "--target-origin", other)
    assert (ran.code, ran.out) == (3, "")
    assert f"nothing was asked of {other}; say another --target-origin" in ran.err
    for wrong in ("", "/mcp", TARGET.removeprefix("https://")):
        ran = wiretape(*words, "--target-origin", wrong)
        assert (ran.code, ran.out) == (2, "")
        assert f"--target-origin {wrong!r}: say a URL such as" in ran.err


def test_what_is_expected_does_not_fail_and_is_told_with_its_reason(
    wiretape: Wiretape, tmp_path: Path
) -> None:
    known = tmp_path / "known.toml"
    known.write_text('[expected]\n"pkce.wrong-verifier" = "an old library"\n')
    ran = wiretape(*of_broken(tmp_path, "--baseline", known))
    assert ran.code == 0
    assert ran.out.startswith("expected    pkce.wrong-verifier  an old library\n")


def test_a_stale_entry_fails(wiretape: Wiretape, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    reasons = "".join(f'"{id_}" = "r"\n' for id_ in ("pkce.wrong-verifier", "pkce.required", "no"))
    known.write_text(f"[expected]\n{reasons}")
    ran = wiretape(*of_broken(tmp_path, "--baseline", known))
    assert ran.code == 1
    assert ran.err.splitlines()[-2:] == [
        "wiretape: no is no check: take it out of the baseline",
        "wiretape: pkce.required passes: take it out of the baseline",
    ]


def test_a_baseline_is_written_and_wants_reasons(wiretape: Wiretape, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    assert wiretape(*of_broken(tmp_path, "--write-baseline", known)).code == 1
    with pytest.raises(BadInputError, match="TODO"):
        baseline.read(known)
    again = wiretape(*of_broken(tmp_path, "--write-baseline", known))
    assert (again.code, again.out) == (2, "")
    assert "it is there already; say --baseline" in again.err
    known.write_text(known.read_text().replace("TODO: why, and until when?", "an old library"))
    both = ("--baseline", known, "--write-baseline", known)
    assert wiretape(*of_broken(tmp_path, *both)).code == 0
    assert baseline.read(known) == {"pkce.wrong-verifier": "an old library"}


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("--check", "nope.*"), 2, "nope.*: no such check; see wiretape checks bridge"),
        (("--target-origin", "http://x"), 2, "--target-origin is about --recording"),
        (("-c", "none.toml"), 3, "none.toml: No such file"),
        (("--recording", "none.jsonl"), 3, "none.jsonl: No such file"),
        (("-c", str(CONFIG), "--baseline", "none.toml"), 3, "none.toml: No such file"),
        (("-c", str(CONFIG), "--profile", "nope"), 3, "nope"),
    ],
)
def test_a_mistake_is_one_line(
    wiretape: Wiretape,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    error: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = wiretape("conform", "bridge", *words)
    assert (ran.code, ran.out) == (code, "")
    assert error in ran.err
    assert ran.err.count("\n") == 1


def test_a_target_that_does_not_start_is_a_fault_of_the_environment(
    wiretape: Wiretape, tmp_path: Path
) -> None:
    config = tmp_path / "wiretape.toml"
    config.write_text(
        '[target]\nurl = "http://127.0.0.1:{port}/mcp"\n'
        'command = ["{python}", "-c", "print(\'no store\'); raise SystemExit(7)"]\n'
    )
    ran = wiretape("conform", "bridge", "-c", config, "-o", tmp_path / "out", *PKCE)
    assert (ran.code, ran.out) == (4, "")
    assert "the target ended with exit code 7; it said: no store" in ran.err


SLOW = """
import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event

class Slow(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/ready":
            with open(sys.argv[2], "w") as asked:
                asked.write(str(os.getpid()))
            Event().wait()
        self.send_response(200)
        self.end_headers()

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_the_target_and_writes_what_there_is(
    tmp_path: Path, how: signal.Signals
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    os.mkfifo(tmp_path / "asked")
    (tmp_path / "wiretape.toml").write_text(
        '[target]\nurl = "http://127.0.0.1:{port}/mcp"\nready = "http://127.0.0.1:{port}/ready"\n'
        'command = ["{python}", "slow.py", "{port}", "asked"]\n'
    )
    with subprocess.Popen(
        [WIRETAPE, "conform", "bridge", *PKCE],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        pid = int((tmp_path / "asked").read_text())  # opens when the target is asked
        running.send_signal(how)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert err == "wiretape: interrupted: what was not played is untestable\n"
    assert "3 untestable in " in out
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    found = json.loads((tmp_path / "conformance" / "conformance.json").read_text())
    assert (found["interrupted"], found["good"]) == (True, False)
    assert all(each["seen"].endswith(": interrupted") for each in found["results"])
