"""What the README shows is what is printed, word for word; `…` stands for lines left out."""

import re
from pathlib import Path

import pytest
from command import Wiretape

ROOT = Path(__file__).parents[2]
SAMPLES = [
    (sample[1].split(), sample[2].splitlines())
    for sample in re.finditer(
        r"^```console\n\$ wiretape ([^\n]*fixtures/[^\n]*)\n(.*?)^```$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
]


def test_three_commands_are_shown() -> None:
    assert [words[0] for words, _ in SAMPLES] == ["diagnose", "show", "compare"]


@pytest.mark.parametrize(("words", "shown"), SAMPLES, ids=["diagnose", "show", "compare"])
def test_the_readme_shows_what_is_printed(
    wiretape: Wiretape, monkeypatch: pytest.MonkeyPatch, words: list[str], shown: list[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    printed = wiretape(*words).out
    for block in "\n".join(shown).split("\n…"):
        assert block.removeprefix("…").strip("\n") in printed
