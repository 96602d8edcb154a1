"""Secrets are found in a target's log in any spelling, and only where there is a log."""

from pathlib import Path
from typing import cast

import pytest

from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.config import Config, System
from wiretape.replay.conformance.driving.searching import search_log
from wiretape.replay.conformance.evidence import Evidence, Sides
from wiretape.replay.conformance.launching import Launched
from wiretape.replay.conformance.reading import evidence
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.secrets import IN_LOG, in_log
from wiretape.replay.edge.recording import recording
from wiretape.replay.edge.serving import Running

TOKEN, SHORT = "5f1d:Ab9/a-token-of-the-service", "short"


def searched(folder: Path, log: str, *, command: tuple[str, ...] = ("bridge",)) -> Evidence:
    """Look for two secrets in what a target has printed."""
    printed = folder / "target.log"
    printed.write_text(log)
    system = System(url="http://127.0.0.1:{port}/mcp", command=command)
    target = Launched(system, {"port": "9"}, folder, printed)
    with recording(folder, "x", Clock(), Redactor(), warn=print, profile="none") as taken:
        nobody = cast(Running, None)  # the service is not asked
        stage = Stage("bridge", Config(), nobody, target, "", taken)
        search_log(stage, {TOKEN: "a token", SHORT: "a code"})
    return evidence(taken.path, Sides(frozenset())).everything


@pytest.mark.parametrize(
    "log", [TOKEN, f"GET /?t={TOKEN} 200\n", "x 5f1d%3AAb9%2Fa-token-of-the-service"]
)
def test_a_secret_in_the_log_is_told_by_what_it_is(tmp_path: Path, log: str) -> None:
    found = searched(tmp_path, log)
    assert found.noted(IN_LOG) == ("a token",)
    assert in_log(found).outcome == "fail"


@pytest.mark.parametrize("log", ["", "a short line\n", TOKEN[:-1]])
def test_what_is_short_or_cut_is_none(tmp_path: Path, log: str) -> None:
    found = in_log(searched(tmp_path, log))
    size = len(log)
    assert found.outcome == "pass"
    assert found.seen == f"looked for 2 secrets in {size} characters: none is there"


def test_the_log_of_a_target_that_was_not_started_here_is_not_seen(tmp_path: Path) -> None:
    found = in_log(searched(tmp_path, TOKEN, command=()))
    assert (found.outcome, found.seen) == ("untestable", "nobody looked at the log")
