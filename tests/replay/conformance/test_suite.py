"""The official conformance suite against services that are brought to life.

A baseline names the scenarios that are expected to fail, and why. The suite fails for one that is
not named and fails, and for one that is named and passes.
"""

import re
import socket
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from peers.browser import land, redirected
from peers.conformance import VERSIONS, conformance
from peers.processes import CLIENT_SECONDS, end_group, environment, finished
from replayed import replaying

HERE = Path(__file__).parent
SERVICE = str(HERE / "service.toml")
BASELINE = HERE / "baseline.yaml"

WITHOUT_FIXTURES = {
    "dns-rebinding-protection",
    "logging-set-level",
    "ping",
    "prompts-list",
    "resources-list",
    "resources-subscribe",
    "resources-unsubscribe",
    "server-initialize",
    "server-sse-multiple-streams",
    "tools-list",
}
"""Scenarios that ask for nothing of the service's own, and check something."""


def checked(version: str, url: str, expected: Path, *which: str) -> str:
    """Run scenarios for servers; raises AssertionError unless they end as expected."""
    words = ("server", "--url", url, "--expected-failures", str(expected), *which)
    out, _ = finished([*conformance(version), *words], environment())
    return out


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_passes_all_scenarios_but_those_of_the_baseline(
    version: str, tmp_path: Path
) -> None:
    with replaying(tmp_path, SERVICE) as (_, url):
        said = checked(version, url, BASELINE, "--suite", "all")
    passed = set(re.findall(r"✓ ([\w-]+): [1-9]\d* passed", said))
    assert passed >= WITHOUT_FIXTURES
    if version == VERSIONS[-1]:  # it has all scenarios of those before
        ran = set(re.findall("=== Running scenario: (.*) ===", said))
        assert ran >= set(re.findall(r"^  - ([\w-]+)", BASELINE.read_text(), re.MULTILINE))


def test_an_entry_of_the_baseline_that_passes_fails(tmp_path: Path) -> None:
    stale = tmp_path / "baseline.yaml"
    stale.write_text(f"{BASELINE.read_text()}  - ping\n")
    with (
        replaying(tmp_path, SERVICE) as (_, url),
        pytest.raises(AssertionError, match=r"(?si)exited 1.*stale.*\bping\b"),
    ):
        checked("0.1", url, stale, "--scenario", "ping")


@pytest.mark.parametrize("profile", ["atlassian-2026-09", "oauth-streamable"])
def test_an_authorization_server_passes_all_scenarios(profile: str, tmp_path: Path) -> None:
    with replaying(tmp_path, profile) as (_, url):
        metadata = discovered(url)
        port = free_port()
        callback = f"http://127.0.0.1:{port}/callback"
        client = httpx.post(
            metadata["registration_endpoint"], json={"redirect_uris": [callback]}, trust_env=False
        ).json()
        secret = ("--client-secret", client["client_secret"]) if "client_secret" in client else ()
        words = ("--client-id", client["client_id"], *secret, "--port", str(port))
        said = authorized("--url", metadata["issuer"], *words, "--resource", url)
    assert "✓ authorization-server-metadata-endpoint: 1 passed, 0 failed" in said
    assert "✓ authorization-code-grant: 1 passed, 0 failed" in said


def authorized(*words: str) -> str:
    """Run all scenarios for authorization servers, and be the user who consents."""
    with subprocess.Popen(
        [*conformance("0.2"), "authorization", *words],
        env=environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as suite:
        said = ""
        try:
            for line in map(bytes.decode, suite.stdout or ()):
                said += line
                if "code_challenge=" in line:
                    land(redirected(line.strip()))
            suite.wait(CLIENT_SECONDS)
        finally:
            end_group(suite)
    assert suite.returncode == 0, said
    return said


def discovered(url: str) -> Any:
    """Give the metadata of a service's authorization server (RFC 9728, RFC 8414)."""
    resource = _well_known("oauth-protected-resource", url)
    return _well_known("oauth-authorization-server", resource["authorization_servers"][0])


def _well_known(name: str, url: str) -> Any:
    at = urlsplit(url)
    place = f"{at.scheme}://{at.netloc}/.well-known/{name}{at.path.rstrip('/')}"
    return httpx.get(place, trust_env=False).raise_for_status().json()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
