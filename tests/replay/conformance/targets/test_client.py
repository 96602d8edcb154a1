"""How a client is run: what it gets, and what is noted of its end."""

import asyncio
import sys
from pathlib import Path

import pytest
from conforming import conformed

from wiretape.recorder.errors import BadInputError, UsageError
from wiretape.replay.conformance.config import Config, System
from wiretape.replay.conformance.families import selected
from wiretape.replay.conformance.performing import perform


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_client_that_does_nothing_passes_nothing_that_it_was_not_seen_to_do(
    tmp_path: Path,
) -> None:
    results = conformed(script("pass"), tmp_path, "login.*", "pkce.s256", "session.*", "token.*")
    assert {id_: result.outcome for id_, result in results.items()} == {
        "login.works": "fail",
        **dict.fromkeys(results.keys() - {"login.works"}, "untestable"),
    }
    assert "ended with 0" in results["login.works"].seen


def test_it_finds_the_service_by_its_environment(tmp_path: Path) -> None:
    told = tmp_path / "told"
    text = f"import os; open({str(told)!r}, 'w').write(os.environ['WIRETAPE_URL'])"
    conformed(script(text), tmp_path, "login.works")
    assert told.read_text().startswith("http://127.0.0.1:")
    assert told.read_text().endswith("/v1/mcp/authv2")


def test_each_run_has_a_directory_that_is_new(tmp_path: Path) -> None:
    told = tmp_path / "told"
    text = f"import os, sys; print(os.listdir(sys.argv[1]), file=open({str(told)!r}, 'a'))"
    conformed([*script(text), "{dir}"], tmp_path, "tolerance.*")
    assert told.read_text() == "['browser']\n" * 5


def test_what_it_prints_is_kept(tmp_path: Path) -> None:
    conformed(script("print('hello')"), tmp_path, "login.works")
    log = tmp_path / "client.log"
    assert log.read_text() == "hello\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_client_that_waits_for_ever_is_killed(tmp_path: Path) -> None:
    text = "import urllib.request as r, os\ntry: r.urlopen(os.environ['WIRETAPE_URL'])\n"
    text += "except OSError: pass\nimport time; time.sleep(600)"
    results = conformed(script(text), tmp_path, "state.verified")
    assert results["state.verified"].outcome == "untestable"


def test_a_command_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no-such-client: cannot be run: No such file"):
        conformed(["no-such-client"], tmp_path, "login.works")


def test_a_system_is_no_client(tmp_path: Path) -> None:
    config = Config(target=System(url="http://127.0.0.1:9/mcp"))
    with pytest.raises(BadInputError, match=r"say \[client\]"):
        asyncio.run(
            perform(
                config,
                selected("client", ["login.works"]),
                tmp_path,
                target="client",
                began=lambda _: None,
                played=lambda _: None,
                warn=print,
            )
        )
