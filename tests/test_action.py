"""The action and its documentation: what is said there exists, and its scripts do that."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from peers.processes import ROOT
from wiretape.cli import build

ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
CI = (ROOT / "docs" / "ci.md").read_text("utf-8")
GITHUB, GITLAB = (yaml.safe_load(block) for block in re.findall(r"(?s)```yaml\n(.*?)```", CI))
CONFIG = ROOT / "examples" / "bridge" / "wiretape.toml"


def test_it_has_what_github_wants_of_a_composite_action() -> None:
    assert set(ACTION) == {"name", "description", "inputs", "outputs", "runs"}
    assert ACTION["runs"].keys() == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for each in ACTION["inputs"].values():
        assert each.keys() <= {"description", "required", "default"}
        assert each.get("required", False) is not ("default" in each)
        assert isinstance(each.get("default", ""), str)
    for step in STEPS:
        assert step.keys() <= {"name", "id", "if", "uses", "with", "shell", "env", "run"}
        assert ("run" in step) is ("shell" in step) is not ("uses" in step)
        assert step.get("shell", "bash") == "bash"
        assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step.get("uses", "a/b@v1"))


def test_every_input_is_used_and_none_is_pasted_into_a_script() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_every_step_that_is_referred_to_is_there() -> None:
    told = (ROOT / "action.yml").read_text("utf-8")
    ids = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.([\w-]+)\.", told)) == ids


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda s: s["name"])
def test_the_scripts_are_bash(step: dict[str, Any]) -> None:
    subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)


def script(tmp_path: Path, **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run the step that plays, as the runner would; gives its code, summary and outputs."""
    (step,) = (step for step in STEPS if step.get("id") == "conform")
    given = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | inputs
    env = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], value)
        for name, value in step["env"].items()
    }
    venv = tmp_path / "wiretape" / "bin"
    venv.mkdir(parents=True)
    (venv / "wiretape").symlink_to(Path(sys.executable).with_name("wiretape"))
    output, summary = tmp_path / "output", tmp_path / "summary"
    output.touch()
    summary.touch()
    told = {"RUNNER_TEMP": tmp_path, "GITHUB_OUTPUT": output, "GITHUB_STEP_SUMMARY": summary}
    ran = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        env={**os.environ, **env, **{name: str(path) for name, path in told.items()}},
        cwd=tmp_path,
        check=False,
    )
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return ran.returncode, summary.read_text(), outputs


def test_it_plays_and_writes_the_summary(tmp_path: Path) -> None:
    checks = "pkce.required pkce.no-verif*"
    code, summary, outputs = script(
        tmp_path, target="bridge", config=str(CONFIG), check=checks, profile="atlassian-2026-09"
    )
    assert (code, outputs) == (0, {"exit-code": "0"})
    assert summary.startswith("# Conformance of a bridge: passed\n\n**2 pass in ")
    assert "against `atlassian-2026-09`" in summary
    assert (tmp_path / "conformance" / "conformance.sarif").exists()


def test_a_mistake_fails_the_step_and_nothing_old_is_summed_up(tmp_path: Path) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "conformance.md").write_text("of another day")
    hostile = "no such; touch pwned; $(touch pwned).toml"
    code, summary, outputs = script(tmp_path, target="bridge", config=hostile)
    assert (code, summary, outputs) == (3, "", {"exit-code": "3"})
    assert not (tmp_path / "pwned").exists()


def test_what_the_target_printed_is_in_no_artifact() -> None:
    (step,) = (step for step in STEPS if "upload-artifact" in step.get("uses", ""))
    out = "${{ inputs.out }}"
    assert step["with"]["path"].split("\n")[:2] == [out, f"!{out}/*.log"]
    artifacts = GITLAB["conformance"]["artifacts"]
    assert artifacts["paths"] == ["conformance/"]
    assert artifacts["exclude"] == ["conformance/*.log"]
    assert "`target.log` and `client.log` are not redacted" in CI


def test_the_example_says_what_the_action_takes() -> None:
    steps = GITHUB["jobs"]["bridge"]["steps"]
    (step,) = (step for step in steps if "wiretape" in step.get("uses", ""))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    required = {name for name, each in ACTION["inputs"].items() if each.get("required")}
    assert required <= step["with"].keys()
    rows = set(re.findall(r"(?m)^\| `([\w-]+)` \|", CI))
    assert rows == set(ACTION["inputs"])


def test_every_option_that_is_named_exists() -> None:
    group = get_command(build())
    assert isinstance(group, TyperGroup)
    options = {name for option in group.commands["conform"].params for name in option.opts}
    scripts = [*GITLAB["conformance"]["script"], *(step.get("run", "") for step in STEPS)]
    named = set(re.findall(r"(?<= |\()(--[a-z-]+)", "\n".join(scripts))) - {"--quiet"}
    assert named <= options
    assert "--config" in named
    junit = GITLAB["conformance"]["artifacts"]["reports"]["junit"]
    assert junit == "conformance/conformance.xml"
