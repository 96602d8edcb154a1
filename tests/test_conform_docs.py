"""docs/conform.md: its keys are those of the model, its placeholders those that are filled in."""

import re
from pathlib import Path

import pytest
import uvloop
from pydantic import BaseModel

from peers.processes import ROOT
from wiretape.recorder.errors import UsageError
from wiretape.replay.conformance import config
from wiretape.replay.conformance.performing import perform
from wiretape.replay.conformance.reporters.words import STANDINGS

PAGE = (ROOT / "docs" / "conform.md").read_text("utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "At the top": config.Config,
    "`[target]`": config.System,
    "`[[target.files]]`": config.File,
    "`[upstream]`": config.Upstream,
    "`[bridge]`": config.Bridge,
    "`[gateway]`": config.Gateway,
    "A route of `[gateway]`": config.Route,
    "`[server]`": config.Server,
    "`[client]`": config.Program,
    "`[personas]`": config.Personas,
}


def rows(title: str) -> list[str]:
    """The first cells of the table below a heading."""
    (section,) = re.findall(rf"(?ms)^##+ {re.escape(title)}\n(.*?)(?=^##|\Z)", PAGE)
    return re.findall(r"(?m)^\| `([^`]+)` \|", section)


@pytest.mark.parametrize(("title", "model"), SECTIONS.items())
def test_every_key_is_told_and_none_that_is_not(title: str, model: type[BaseModel]) -> None:
    keys = set(model.model_fields)
    if model is config.Config:
        keys -= {"folder", *(name for name in keys if f"`[{name}]`" in SECTIONS)}
    assert set(rows(title)) == keys


def known(profile: str, folder: Path) -> set[str]:
    """What placeholders there are with a profile, as the error says for one that there is not."""
    upstream = {"profile": profile, "callback": "http://127.0.0.1:{port}/callback"}
    wanted = config.Config.model_validate({"target": {"url": "{nope}"}, "upstream": upstream})
    with pytest.raises(UsageError) as caught:
        uvloop.run(perform(wanted, {}, folder, began=print, played=print, warn=print))
    return set(str(caught.value).partition("known are ")[2].split(", "))


def test_every_placeholder_is_told_and_none_that_is_not(tmp_path: Path) -> None:
    told = {each.strip("{}") for each in rows("Placeholders")}
    assert told == known("atlassian-gateway", tmp_path) | known("atlassian-2026-03", tmp_path)


def test_every_verdict_is_told() -> None:
    assert set(STANDINGS) <= set(rows("Results"))


def test_the_example_is_one(tmp_path: Path) -> None:
    (example,) = re.findall(r"(?s)```toml\n(kind.*?)```", PAGE)
    file = tmp_path / "wiretape.toml"
    file.write_text(example)
    assert config.read(file).kind == "bridge"


def test_examples_say_what_they_are() -> None:
    found = sorted((ROOT / "examples").glob("*/wiretape.toml"))
    assert [config.read(path).kind for path in found] == [path.parent.name for path in found]


def test_links_lead_somewhere() -> None:
    for page in ("conform", "ci", "checks"):
        text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
        for link in re.findall(r"\]\(([^)#<]+)(?:#[^)]*)?\)", text):
            assert (ROOT / "docs" / link).exists(), f"{page}.md: {link}"
