"""`wiretape faults`, and the page that it writes."""

import json
from pathlib import Path

import pytest
from command import Wiretape
from rich.cells import cell_len

from peers.processes import ROOT
from wiretape.replay.arming import When, known


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("names", [(), ("latency", "stream-cut")])
def test_it_fits_and_has_no_colour_in_a_pipe(
    wiretape: Wiretape, monkeypatch: pytest.MonkeyPatch, columns: int, names: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = wiretape("faults", *names)
    assert (ran.code, ran.err) == (0, "")
    assert max(map(cell_len, ran.out.splitlines())) <= columns
    assert "\x1b" not in ran.out
    assert "…" not in ran.out


def test_all_are_listed_with_what_they_are_for(wiretape: Wiretape) -> None:
    printed = " ".join(wiretape("faults").out.split())
    for name, fault in known().items():
        assert f"{name} " in printed
        assert "".join(fault.finds.split()) in printed.replace(" ", "")


def test_one_is_told_with_what_can_be_chosen(wiretape: Wiretape) -> None:
    lines = wiretape("faults", "latency").out.splitlines()
    begins = {line.strip().split("  ")[0] for line in lines if line.strip()}
    assert {"latency", "distribution", "seconds", "spread", *When.model_fields} <= begins
    assert "stream-cut" not in begins


def test_as_json(wiretape: Wiretape) -> None:
    found = json.loads(wiretape("faults", "--json").out)
    assert {each["name"] for each in found} == set(known())
    (one,) = json.loads(wiretape("faults", "stream-cut", "--json").out)
    assert (one["about"], one["options"]["after"]["default"]) == ("streams", 0)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("stream-cuts",), "no fault is called stream-cuts; do you mean stream-cut?"),
        (("nope",), "no fault is called nope; `wiretape faults` lists them"),
        (("--markdown", "--json"), "--markdown is about all faults, and goes with nothing else"),
        (("--markdown", "latency"), "--markdown is about all faults, and goes with nothing else"),
    ],
)
def test_a_mistake_is_one_line(wiretape: Wiretape, words: tuple[str, ...], error: str) -> None:
    ran = wiretape("faults", *words)
    assert (ran.code, ran.out, ran.err) == (2, "", f"wiretape: {error}\n")


def test_the_page_is_true(wiretape: Wiretape) -> None:
    ran = wiretape("faults", "--markdown")
    assert (ran.code, ran.err) == (0, "")
    shipped = Path(ROOT, "docs", "faults.md").read_text(encoding="utf-8")
    assert shipped == ran.out, "run `make docs`"


def test_the_page_tells_all(wiretape: Wiretape) -> None:
    lines = wiretape("faults", "--markdown").out.splitlines()
    for name, fault in known().items():
        (row,) = (line for line in lines if line.startswith(f"| `{name}` | {fault.title}"))
        assert row.endswith(f"| {fault.finds} |")
    assert all(
        any(line.startswith(f"| `{name}` |") for line in lines) for name in When.model_fields
    )
