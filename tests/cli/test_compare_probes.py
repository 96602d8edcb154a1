"""`wiretape report` and `compare` on real servers, walked by the probe through the recorder."""

import json
import subprocess
from pathlib import Path

import pytest
from command import Wiretape

from comparing import compared, ids
from peers import serve
from peers.processes import environment
from walked import WIRETAPE
from wiretape.analysis.profile.toml import read

SECONDS = 60
TOOLS = 98
"""How many tools mcp-atlassian 0.23.1 has."""


def probed(name: str, home: Path, out: Path) -> Path:
    """Start a server, probe it, and give the recording."""
    with serve(name) as server:
        own = [
            word for each in server.walk.headers.items() for word in ("--header", ": ".join(each))
        ]
        subprocess.run(
            [
                *(WIRETAPE, "probe", "--active", "--headless", "--quiet", "--rate", "100"),
                *("--record", "--out", str(out), *own, server.url),
            ],
            env=environment() | {"XDG_DATA_HOME": str(home)},
            check=True,
            timeout=SECONDS,
        )
    (recording,) = out.glob("*.jsonl")
    return recording


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def notes(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server of the MCP SDK."""
    return probed("notes", home, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def atlassian(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real mcp-atlassian, which has no authorization server of its own."""
    return probed("atlassian", home, tmp_path_factory.mktemp("out"))


def test_two_probes_of_the_same_server_are_equal(notes: Path, home: Path, tmp_path: Path) -> None:
    found = compared(notes, probed("notes", home, tmp_path))
    assert found.differences == ()
    assert found.unseen == ()
    assert found.compared > 80


def test_mcp_atlassian_differs_from_a_server_of_the_sdk(notes: Path, atlassian: Path) -> None:
    found = compared(notes, atlassian)
    assert ids(found, "breaking") == {"challenge.missing", "discovery.server-metadata"}
    assert ids(found, "risky") >= {"discovery.resource-metadata", "tools.missing"}
    back = compared(atlassian, notes)
    assert ids(back, "breaking") == set()
    assert ids(back, "risky") >= {"tools.missing"}


def test_the_comparison_with_mcp_atlassian_says_what_breaks(
    notes: Path, atlassian: Path, tmp_path: Path, wiretape: Wiretape
) -> None:
    ran = wiretape("compare", notes, atlassian, "-o", tmp_path)
    assert (ran.code, ran.err) == (1, "")
    assert "2 breaking, 3 risky, " in ran.out
    told = json.loads((tmp_path / "comparison.json").read_text())
    breaking = [each for each in told["differences"] if each["severity"] == "breaking"]
    assert {each["id"] for each in breaking} == {"challenge.missing", "discovery.server-metadata"}
    for each in breaking:
        assert each["sightings"][0]["subject"]["lines"]
        assert each["remedy"]
    assert "Refuses without a WWW-Authenticate header" in (tmp_path / "comparison.md").read_text()


def test_the_report_on_mcp_atlassian(atlassian: Path, tmp_path: Path, wiretape: Wiretape) -> None:
    ran = wiretape("report", atlassian, "-o", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    report = json.loads((tmp_path / "report.json").read_text())
    found = {each["id"]: each for part in report["sections"] for each in part["findings"]}
    values = {id_: each["value"] for id_, each in found.items()}

    refusal = values["challenge.mcp.POST.no token"]
    assert (refusal["status"], refusal["raw"]) == (401, None)
    assert refusal["body"]["error"].startswith("Authentication required: no Atlassian credentials")
    assert values["transport.kinds"] == ["streamable"]
    assert values["transport.unknown_session"]["status"] == 404
    assert values["transport.missing_session"]["status"] == 400
    assert values["transport.wrong_accept"]["status"] == 406
    assert values["cors.mcp.preflight"]["status"] == 405
    assert (values["redirect./mcp/"]["status"], values["redirect./mcp/"]["to"]) == (307, "/mcp")
    assert values["redirect./mcp/"]["authorization"] == "kept"
    assert values["protocol.server_info"]["name"] == "Atlassian MCP"
    assert len(values["tools.list"]) == TOOLS
    assert set(values["discovery.server-metadata"].values()) == {404}
    assert all(each["evidence"] for each in found.values())

    text = (tmp_path / "report.md").read_text("utf-8")
    assert "no Atlassian credentials were provided" in text
    assert "`jira_get_issue`" in text
    profile = read(tmp_path / "profile.toml")
    assert len(profile.tools.tool) == TOOLS
    again = wiretape("compare", tmp_path / "profile.toml", atlassian, "--fail-on", "cosmetic")
    assert again.code == 0, again.out
