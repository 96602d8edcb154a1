"""`wiretape conform client` on traffic that was recorded elsewhere."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from command import Wiretape

from peers.processes import ROOT

RECORDING = Path(str(files("wiretape.fixtures"))) / "recordings" / "oauth-streamable.jsonl"


def test_a_recording_of_the_sdks_client_is_judged(wiretape: Wiretape, tmp_path: Path) -> None:
    ran = wiretape("conform", "client", "--recording", RECORDING, "-o", tmp_path / "out")
    assert ran.code == 0
    report = json.loads((tmp_path / "out" / "conformance.json").read_text())
    outcomes = {each["id"]: each["outcome"] for each in report["results"]}
    assert {id_ for id_, outcome in outcomes.items() if outcome == "pass"} >= {
        "headers.accept",
        "login.discovery",
        "pkce.s256",
        "refresh.new-token",
        "resource.token",
        "session.id",
        "session.version",
        "token.in-header",
    }
    assert set(outcomes.values()) == {"pass", "untestable"}


def test_what_somebody_has_to_play_is_untestable_there(wiretape: Wiretape, tmp_path: Path) -> None:
    ran = wiretape(
        *("conform", "client", "--recording", RECORDING, "-o", tmp_path / "out"),
        *("--check", "session.renewed", "--check", "stream.cut"),
    )
    assert (ran.code, "2 untestable" in ran.out) == (0, True)


@pytest.mark.timeout(60)
def test_each_trial_has_its_own_service_and_no_profile_is_told_of_all(
    wiretape: Wiretape, tmp_path: Path
) -> None:
    config = ROOT / "examples/client/wiretape.toml"
    words = ("conform", "client", "-c", config, "-o", tmp_path / "out", "--check", "login.works")
    assert wiretape(*words).code == 0
    assert json.loads((tmp_path / "out" / "conformance.json").read_text())["profile"] is None
    ran = wiretape(*words, "--profile", "atlassian-2026-09")
    assert (ran.code, "--profile is not about clients" in ran.err) == (2, True)
