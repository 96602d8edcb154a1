"""`wiretape checks`, and the page that it writes."""

import json
from pathlib import Path

import pytest
from command import Wiretape
from rich.cells import cell_len

from peers.processes import ROOT
from wiretape.replay.conformance.families import TARGETS, checks

ALL = [(target, check) for target in TARGETS for check in checks(target).values()]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("words", [(), ("bridge", "pkce.*")])
def test_it_fits_and_has_no_colour_in_a_pipe(
    wiretape: Wiretape, monkeypatch: pytest.MonkeyPatch, columns: int, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = wiretape("checks", *words)
    assert (ran.code, ran.err) == (0, "")
    assert max(map(cell_len, ran.out.splitlines())) <= columns
    assert "\x1b" not in ran.out


def test_all_are_listed_by_their_target(wiretape: Wiretape) -> None:
    everything = []
    for target in TARGETS:
        lines = wiretape("checks", target).out.splitlines()
        begins = [line.split(" ")[0] for line in lines]
        assert begins[0] == target.capitalize()
        listed = [each for each in begins if "." in each]
        assert listed == list(checks(target))
        everything += listed
    begins = [line.split(" ")[0] for line in wiretape("checks").out.splitlines()]
    assert [each for each in begins if "." in each] == everything


def test_one_is_told_with_its_source_and_remedy(wiretape: Wiretape) -> None:
    printed = " ".join(wiretape("checks", "bridge", "pkce.required").out.split())
    check = checks("bridge")["pkce.required"]
    assert check.title in printed
    assert f"{check.severity}: {check.source.name}" in printed
    assert check.source.url is not None
    assert check.source.url in printed
    assert check.remedy in printed
    assert "pkce.no-verifier" not in printed


def test_as_json(wiretape: Wiretape) -> None:
    found = json.loads(wiretape("checks", "--json").out)
    assert [(each["target"], each["id"]) for each in found] == [
        (target, check.id) for target, check in ALL
    ]
    (one,) = json.loads(wiretape("checks", "bridge", "pkce.required", "--json").out)
    check = checks("bridge")["pkce.required"]
    assert (one["title"], one["severity"], one["url"], one["anywhere"]) == (
        check.title,
        check.severity,
        check.source.url,
        check.anywhere,
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("bridge", "nope"), "nope: no such check; see wiretape checks bridge"),
        (("--markdown", "--json"), "--markdown is about all checks, and goes with nothing else"),
        (("bridge", "--markdown"), "--markdown is about all checks, and goes with nothing else"),
    ],
)
def test_a_mistake_is_one_line(wiretape: Wiretape, words: tuple[str, ...], error: str) -> None:
    ran = wiretape("checks", *words)
    assert (ran.code, ran.out, ran.err) == (2, "", f"wiretape: {error}\n")


def test_what_is_no_target_is_a_mistake(wiretape: Wiretape) -> None:
    assert wiretape("checks", "pkce.*").code == 2


def test_the_page_is_true(wiretape: Wiretape) -> None:
    ran = wiretape("checks", "--markdown")
    assert (ran.code, ran.err) == (0, "")
    shipped = Path(ROOT, "docs", "checks.md").read_text(encoding="utf-8")
    assert shipped == ran.out, "run `make docs`"


def test_the_page_tells_all(wiretape: Wiretape) -> None:
    lines = wiretape("checks", "--markdown").out.splitlines()
    listed = [line.split("`")[1] for line in lines if line.startswith("| `")]
    assert listed == [check.id for _, check in ALL]
