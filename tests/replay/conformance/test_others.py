"""Others' clients, servers and a bridge: what they do not pass is known, each with its reason.

Reasons were read in their sources, so that no failure is a mistake of the suite.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from conforming import conformed, run, unexpected

from mutants.clients import personas
from peers.clients import BROWSING, CLIENTS
from peers.environments import interpreter
from peers.forking import forked
from peers.jira_imitation import CALLERS
from peers.processes import PEERS, ROOT
from wiretape.replay.conformance.config import Bridge, Config, Server, System, Upstream
from wiretape.replay.conformance.families import personas as all_personas
from wiretape.replay.conformance.report import Result
from wiretape.replay.conformance.verdict import Outcome

NAMES = {
    "mcp-1.30": "mcp1",
    "mcp-2.3": "mcp2",
    "typescript-1.32": "typescript",
    "mcp-remote-0.15": "mcp-remote",
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_a_client_fails_as_its_baseline_says(name: str, tmp_path: Path) -> None:
    client = (CLIENTS | BROWSING)[NAMES[name]]()
    visiting = [*forked("peers.visiting"), *client, "{upstream.url}"]
    assert unexpected(conformed(visiting, tmp_path), name) == {}


def atlassian(profile: str) -> Config:
    """The real mcp-atlassian, compared with a profile."""
    script = PEERS / "atlassian_server.py"
    own = {
        "authorization": f"Bearer {next(iter(CALLERS))}",
        "x-atlassian-cloud-id": "00000000-0000-4000-8000-000000000001",
    }
    return Config(
        target=System(
            command=(*forked(str(script), interpreter(script)), "{port}"),
            url="http://127.0.0.1:{port}/mcp",
            seconds=60,
        ),
        server=Server(headers=own),
        upstream=Upstream(profile=profile),
    )


def test_mcp_atlassian_is_as_its_profile_has_it(tmp_path: Path) -> None:
    results = run("server", atlassian("mcp-atlassian"), tmp_path, ["same.*"])
    assert {each.id: each.seen for each in results.values() if each.outcome != "pass"} == {}
    assert results["same.tools"].seen == "100 findings are as the profile has them"


def test_mcp_atlassian_is_not_the_official_service(tmp_path: Path) -> None:
    results = run("server", atlassian("atlassian-2026-09"), tmp_path)
    assert unexpected(results, "mcp-atlassian-0.23") == {}
    assert results["same.challenges"].outcome == "fail"


@pytest.mark.timeout(600)
def test_the_oauth_proxy_of_fastmcp_fails_as_its_baseline_says(tmp_path: Path) -> None:
    script = PEERS / "oauth_proxy.py"
    env = {
        "FASTMCP_HOME": "{dir}",
        "UPSTREAM_URL": "{upstream.url}",
        "UPSTREAM_AUTHORIZE": "{upstream.authorization_url}",
        "UPSTREAM_TOKEN": "{upstream.token_url}",
        "CLIENT_ID": "{client.id}",
        "CLIENT_SECRET": "{client.secret}",
    }
    config = Config(
        target=System(
            command=(*forked(str(script), interpreter(script)), "{port}"),
            url="http://127.0.0.1:{port}/mcp",
            env=env,
            seconds=60,
        ),
        upstream=Upstream(callback="http://127.0.0.1:{port}/auth/callback"),
        bridge=Bridge(timeout=5),
    )
    assert unexpected(run("bridge", config, tmp_path), "fastmcp-oauth-proxy-4.1") == {}


def notes() -> Config:
    """The server of the examples, which is the Python SDK's, behind OAuth."""
    command = (sys.executable, str(ROOT / "examples/notes_server.py"), "--port", "{port}")
    return Config(
        target=System(command=command, url="http://127.0.0.1:{port}/mcp"),
        upstream=Upstream(profile="oauth-streamable"),
    )


def as_everybody(config: Config) -> Config:
    return config.model_copy(update={"personas": personas(*all_personas())})


def others(results: Mapping[str, Result], outcome: Outcome) -> set[str]:
    return {id_ for id_, result in results.items() if result.outcome == outcome}


def test_a_server_behind_oauth_is_driven_as_its_clients_do(tmp_path: Path) -> None:
    results = run("server", as_everybody(notes()), tmp_path, ["persona.*"])
    assert others(results, "untestable") == set()
    # The SDK's server has no CORS, and of two spellings of its URL it refuses one.
    assert others(results, "fail") == {"persona.vscode.browser", "persona.vscode.other-slash"}


def test_a_server_without_oauth_is_driven_but_for_its_tokens(tmp_path: Path) -> None:
    results = run("server", as_everybody(atlassian("mcp-atlassian")), tmp_path, ["persona.*"])
    about_tokens = {"re-authorizes", "re-registers", "refreshes", "replaces-token"}
    assert others(results, "untestable") == {
        id_ for id_ in results if id_.rpartition(".")[2] in about_tokens
    }
    assert others(results, "fail") == {"persona.vscode.browser"}  # there is no CORS


def test_a_server_of_the_sdk_is_as_it_was_recorded(tmp_path: Path) -> None:
    results = run("server", notes(), tmp_path, ["same.*"])
    assert {id_ for id_, each in results.items() if each.outcome != "pass"} == {"same.lifetime"}
    assert "live for 3600 s instead of 2 s" in results["same.lifetime"].seen
