"""The official conformance suite against a service of MCP 2026-07-28, which needs no handshake."""

import re
import subprocess
from pathlib import Path

import pytest

from peers.conformance import conformance
from peers.processes import CLIENT_SECONDS, environment
from replayed import replaying

SERVICE = str(Path(__file__).parent / "stateless.toml")

NEED_TOOLS = {
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-missing-capability-http-400",
    "sep-2575-server-no-log-without-loglevel",
    "sep-2575-server-rejects-undeclared-capability",
}
"""Checks that call tools of the suite's own: such as ask the client, or log."""


@pytest.mark.parametrize(
    ("scenario", "fail"),
    [
        ("server-stateless", NEED_TOOLS),
        ("caching", set()),
        ("http-header-validation", set()),
        ("http-custom-header-server-validation", set()),
    ],
)
def test_it_passes_all_that_needs_no_tools(scenario: str, fail: set[str], tmp_path: Path) -> None:
    with replaying(tmp_path, SERVICE) as (_, url):
        done = subprocess.run(
            [*conformance("0.2"), "server", "--url", url, "--scenario", scenario],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=CLIENT_SECONDS,
            check=False,
        )
    said = re.sub(r"\x1b\[\d+m", "", done.stdout)
    ended = re.findall(r"^\S+ \[([\w-]+) *\] (\w+) ", said, re.MULTILINE)
    assert {name for name, how in ended if how == "FAILURE"} == fail, said + done.stderr
    assert len([name for name, how in ended if how == "SUCCESS"]) >= 8
