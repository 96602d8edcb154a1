"""`wiretape control`, at a service that runs as a command."""

import json
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from command import Wiretape

from peers.processes import environment
from replayed import WIRETAPE, replaying

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class Controlled:
    """A service, and `wiretape control` for it."""

    def __init__(self, url: str, file: Path, wiretape: Wiretape) -> None:
        self.url = url
        self.file = file
        self._wiretape = wiretape

    def __call__(self, *words: object) -> str:
        ran = self._wiretape("control", "--control-file", self.file, *words)
        assert ran.code == 0, ran.err
        return ran.out

    def refused(self, *words: object) -> tuple[int, str]:
        ran = self._wiretape("control", "--control-file", self.file, *words)
        assert ran.out == ""
        assert ran.err.count("\n") == 1, ran.err
        return ran.code, ran.err

    def call(self, token: str) -> int:
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        return httpx.post(self.url, json=HELLO, headers=headers, trust_env=False).status_code


@pytest.fixture
def here(tmp_path: Path, wiretape: Wiretape) -> Iterator[Controlled]:
    file = tmp_path / "control.json"
    words = ("atlassian-2026-03", "--clock", "stop", "--control-file", str(file))
    with replaying(tmp_path, *words) as (_, url):
        yield Controlled(url, file, wiretape)


def test_the_clock_jumps_stops_and_runs(here: Controlled) -> None:
    first = here("clock")
    assert first.endswith("x0\n")
    token = json.loads(here("token", "issue"))
    assert here.call(token["access_token"]) != 401
    later = here("clock", f"+{token['expires_in']}s")
    assert later > first
    assert here.call(token["access_token"]) == 401
    assert here("clock", "run").endswith("x1\n")
    assert here("clock", "x60").endswith("x60\n")
    assert here("clock", "stop").endswith("x0\n")


def test_faults_are_armed_and_disarmed(here: Controlled) -> None:
    token = json.loads(here("token", "issue"))["access_token"]
    armed = json.loads(here("fault", "arm", "unauthorized"))
    assert here.call(token) == 401
    assert json.loads(here("fault", "list"))[0] | {"seen": 1, "struck": 1} == armed | {
        "seen": 1,
        "struck": 1,
    }
    here("fault", "disarm", armed["id"])
    assert here.call(token) != 401
    here("fault", "arm", "unauthorized:times=1")
    here("fault", "disarm", "all")
    assert here("fault", "list") == "[]\n"


def test_the_journal_is_told_and_forgotten(here: Controlled) -> None:
    here.call("nonsense")
    token = json.loads(here("token", "issue", "--user", "user-7"))["access_token"]
    here.call(token)
    first, second = here("journal").splitlines()
    assert first.startswith("#1 ")
    assert "401 POST /v1/mcp  ping  bad token" in first
    assert "406 POST /v1/mcp  ping  user-7 good" in second
    assert here("journal", "--user", "user-7") == second + "\n"
    (entry,) = map(json.loads, here("journal", "--since", 1, "--json").splitlines())
    assert (entry["number"], entry["operation"]) == (2, "ping")
    assert token not in here("journal", "--json")
    here("journal", "--clear")
    assert here("journal") == ""


def test_the_journal_is_followed(here: Controlled) -> None:
    command = [*WIRETAPE, "control", "--control-file", str(here.file), "journal", "--follow"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) as following:
        try:
            assert following.stdout is not None
            for number in (1, 2):
                here.call("nonsense")
                assert following.stdout.readline().startswith(f"#{number} ".encode())
        finally:
            following.send_signal(signal.SIGINT)
        assert following.wait(10) == 0


def test_tokens_and_sessions_and_users(here: Controlled) -> None:
    token = json.loads(here("token", "issue"))["access_token"]
    listed = json.loads(here("token", "list"))
    assert [each["standing"] for each in listed] == ["good", "good"]
    assert json.loads(here("users")) == [{"name": "user-1", "consents": True, "good_tokens": 2}]
    assert here("token", "expire", listed[0]["id"]) == "1\n"
    assert here.call(token) == 401
    assert here("token", "revoke", "all") == "2\n"
    standings = [each["standing"] for each in json.loads(here("token", "list"))]
    assert standings == ["expired", "revoked"]
    assert here("session", "list") == "[]\n"
    assert here("session", "drop", "all") == "0\n"
    here("reset")
    assert here("token", "list") == "[]\n"


def test_more_services_come_and_go(here: Controlled) -> None:
    started = json.loads(here("service", "start", "atlassian-2025-08", "--name", "second"))
    assert httpx.get(started["urls"][0], trust_env=False).status_code == 401
    assert here("--service", "second", "journal").startswith("#1 ")
    assert here("journal") == ""
    names = [each["name"] for each in json.loads(here("service", "list"))]
    assert names == ["main", "second"]
    here("service", "stop", "second")
    with pytest.raises(httpx.ConnectError):
        httpx.get(started["urls"][0], trust_env=False)
    here("restart")
    assert json.loads(here("state"))["name"] == "main"


MISTAKES: tuple[tuple[list[str], str], ...] = (
    (["clock", "yesterday"], "say +3300s, +55m, stop, run or x60"),
    (["clock", "+soon"], "say a time, such as 90s"),
    (["clock", "+999999999h"], "advance: Input should be less than or equal"),
    (["fault", "arm", "nothing"], "no fault is called nothing"),
    (["fault", "arm", "unauthorized:colour=red"], "colour is none of its options"),
    (["fault", "disarm", "7"], "no fault is armed as 7"),
    (["fault", "disarm", "../x"], "say the number of a fault, or all"),
    (["token", "expire", "0123"], "no token is listed as 0123"),
    (["token", "issue", "--client-id", "nobody"], "no client is registered as nobody"),
    (["session", "drop", "0123"], "no session is listed as 0123"),
    (["--service", "other", "state"], "no service is called other"),
    (["service", "start", "nobody"], "no such file, and no profile of"),
)


def test_mistakes_are_one_line(here: Controlled) -> None:
    for words, says in MISTAKES:
        code, err = here.refused(*words)
        assert code == 2
        assert says in err


def test_the_control_file_is_the_users_own_and_goes_with_the_service(
    tmp_path: Path, wiretape: Wiretape
) -> None:
    file = tmp_path / "control.json"
    file.write_text("an old one, for all to read")
    file.chmod(0o644)
    with replaying(tmp_path, "atlassian-2026-03", "--control-file", str(file)) as (process, _):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        told = json.loads(file.read_text())
        assert told.keys() == {"url", "secret"}
        seen = (tmp_path / "stderr.txt").read_text() + Path(
            f"/proc/{process.pid}/cmdline"
        ).read_text()
        assert told["secret"] not in seen
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not file.exists()
    assert "Traceback" not in (tmp_path / "stderr.txt").read_text()
    ran = wiretape("control", "--control-file", file, "state")
    assert (ran.code, ran.err.count("\n")) == (4, 1)
    file.write_text(json.dumps(told))
    ran = wiretape("control", "--control-file", file, "state")
    assert ran.code == 4
    assert "nothing answers" in ran.err
    assert "Errno" not in ran.err
    file.write_text("[]")
    assert wiretape("control", "--control-file", file, "state").code == 3


def test_a_wrong_secret_is_one_line(here: Controlled, tmp_path: Path) -> None:
    told = json.loads(here.file.read_text())
    here.file = tmp_path / "other.json"
    here.file.write_text(json.dumps(told | {"secret": "hunter2hunter2"}))
    code, err = here.refused("state")
    assert code == 3
    assert f"{told['url']}: it takes another secret" in err
    assert "hunter2hunter2" not in err


def test_a_control_file_that_is_in_use_is_left_alone(here: Controlled, wiretape: Wiretape) -> None:
    told = here.file.read_text()
    ran = wiretape("replay", "atlassian-2026-03", "--control-file", here.file)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{here.file}: a service at {json.loads(told)['url']}" in ran.err
    assert here.file.read_text() == told


def test_somebody_has_to_know_the_secret(
    wiretape: Wiretape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = wiretape("replay", "atlassian-2026-03", "--control-port", "0")
    assert ran.code == 2
    assert "WIRETAPE_CONTROL_SECRET" in ran.err
    missing = tmp_path / "missing" / "control.json"
    ran = wiretape("replay", "atlassian-2026-03", "--control-file", missing)
    assert ran.code == 4
    assert ran.err.endswith("control.json: No such file or directory\n")
    monkeypatch.setenv("WIRETAPE_CONTROL_SECRET", "chosen beforehand")
    with replaying(tmp_path, "atlassian-2026-03", "--control-port", "0"):
        said = (tmp_path / "stderr.txt").read_text()
        url = said.partition("control is at ")[2].split()[0]
        headers = {"authorization": "Bearer chosen beforehand"}
        answer = httpx.get(f"{url}/services/main", headers=headers, trust_env=False)
        assert answer.json()["profile"] == "atlassian-2026-03"
        assert "chosen beforehand" not in said
        assert [each.name for each in tmp_path.iterdir()] == ["stderr.txt"]
