"""Checks as tests, in a project of the plugin's users; PKCE of the reference bridge is quick."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from peers.processes import ROOT
from wiretape.replay.conformance.families import checks

EXAMPLES = str(ROOT / "examples")
IDS = ("pkce.no-verifier", "pkce.required", "pkce.wrong-verifier")
ITEMS = tuple(f"wiretape.toml::{id_}" for id_ in IDS)

CARELESS = """
import hmac
from bridge import token_endpoint
from bridge.__main__ import main

class Careless:
    \"\"\"Takes any verifier, as long as there is one.\"\"\"

    @staticmethod
    def compare_digest(one, other):
        return bool(one) if isinstance(one, str) else hmac.compare_digest(one, other)

token_endpoint.hmac = Careless
main()
"""

type Ran = Callable[..., pytest.RunResult]


@pytest.fixture
def ran(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Pytest with these words, where a `wiretape.toml` describes the reference bridge."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # it is a run of its own
    configure(pytester)

    def run(*words: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "--conform", *words)

    return run


def configure(
    pytester: pytest.Pytester, *, careless: bool = False, above: str = 'kind = "bridge"'
) -> None:
    module = [pytester.makepyfile(careless=CARELESS)] if careless else ["-m", "bridge"]
    words = ["{python}", *map(str, module), "--upstream", "{upstream.url}"]
    words += ["--port", "{port}", "--store", "{dir}/bridge.sqlite"]
    (pytester.path / "wiretape.toml").write_text(
        f"{above}\n[target]\ncommand = {json.dumps(words)}\n"
        f"env = {{PYTHONPATH = {json.dumps(EXAMPLES)}}}\n"
        'url = "http://127.0.0.1:{port}/mcp"\n'
        'ready = "http://127.0.0.1:{port}/.well-known/oauth-authorization-server"\n'
    )


def recordings(folder: Path) -> int:
    return len(list((folder / "conformance").rglob("*.jsonl")))


def test_each_check_is_an_item(ran: Ran) -> None:
    found = ran("--collect-only", "-q")
    names = [line.partition("::")[2] for line in found.outlines if "::" in line]
    assert set(names) <= set(checks("bridge"))
    assert set(IDS) <= set(names)
    assert len(names) == len(set(names))


def test_what_is_chosen_is_played_once_and_reported(ran: Ran, pytester: pytest.Pytester) -> None:
    ran(*ITEMS).assert_outcomes(passed=3)
    (folder,) = (pytester.path / "conformance").glob("**/conformance.json")
    told = json.loads(folder.read_text())
    assert sorted(each["id"] for each in told["results"]) == sorted(IDS)
    assert recordings(pytester.path) == 1


def test_a_failure_shows_requirement_what_was_seen_and_remedy(
    ran: Ran, pytester: pytest.Pytester
) -> None:
    configure(pytester, careless=True)
    found = ran(*ITEMS)
    found.assert_outcomes(passed=2, failed=1)
    check = checks("bridge")["pkce.wrong-verifier"]
    found.stdout.fnmatch_lines(
        [
            "*pkce.wrong-verifier: A code is not exchanged with a wrong verifier*",
            "requires MUST: RFC 7636, 4.6",
            " *https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
            "seen *200*",
            " *client → target: POST /access-token authorization_code → 200 (lines *",
            f"remedy   {check.remedy}",
            "page     conformance/conformance.html",
        ]
    )
    assert "Traceback" not in found.stdout.str()


def test_an_entry_of_the_baseline_is_an_expected_failure_and_a_stale_one_fails(
    ran: Ran, pytester: pytest.Pytester
) -> None:
    above = 'kind = "bridge"\nbaseline = "known.toml"'
    configure(pytester, careless=True, above=above)
    reasons = '"pkce.wrong-verifier" = "an old library"\n"pkce.required" = "gone"\n'
    (pytester.path / "known.toml").write_text(f"[expected]\n{reasons}")
    found = ran("-rx", *ITEMS)
    found.assert_outcomes(passed=1, xfailed=1, failed=1)
    found.stdout.fnmatch_lines(
        ["*XPASS(strict)* take it out of the baseline", "XFAIL *pkce.wrong-verifier*an old library"]
    )


def test_a_target_that_does_not_start_is_an_error_of_all_and_started_once(
    ran: Ran, pytester: pytest.Pytester
) -> None:
    (pytester.path / "wiretape.toml").write_text(
        'kind = "bridge"\n[target]\nurl = "http://127.0.0.1:{port}/mcp"\n'
        "command = [\"{python}\", \"-c\", \"open('started', 'a').write('x'); raise SystemExit(7)\"]"
    )
    found = ran(*ITEMS)
    found.assert_outcomes(errors=3)
    found.stdout.fnmatch_lines(["the target ended with exit code 7*"])
    assert "Traceback" not in found.stdout.str()
    assert (pytester.path / "started").read_text() == "x"


@pytest.mark.parametrize(("dist", "played"), [("loadfile", {1}), ("load", {1, 2})])
def test_each_worker_plays_once(
    ran: Ran, pytester: pytest.Pytester, dist: str, played: set[int]
) -> None:
    ran("-n2", "--dist", dist, *ITEMS).assert_outcomes(passed=3)
    assert recordings(pytester.path) in played


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[target]\nurl = "u"', 'say what it is, such as kind = "bridge", above all tables'),
        ("kind = 7", "kind: Input should be 'bridge', 'gateway', 'server' or 'client'"),
        ('kind = "bridge"\nbaseline = "none.toml"', "none.toml: No such file or directory"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(
    ran: Ran, pytester: pytest.Pytester, text: str, said: str
) -> None:
    (pytester.path / "wiretape.toml").write_text(text)
    found = ran()
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines([f"*{said}"])
    assert "Traceback" not in found.stdout.str()


def test_unused_it_costs_nothing_and_collects_nothing(pytester: pytest.Pytester) -> None:
    configure(pytester)
    pytester.makepyfile(
        """
import sys
def test_nothing_is_imported():
    assert "wiretape.replay.pytest_plugin" in sys.modules
    assert "wiretape.replay.pytest_checks" not in sys.modules
    assert "wiretape.replay.conformance" not in sys.modules
"""
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
