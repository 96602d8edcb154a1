"""Scenario files: what they arm, and what is said of mistakes in them."""

from pathlib import Path

import pytest

from wiretape.recorder.errors import BadInputError
from wiretape.replay import scenario

GOOD = """
[[fault]]
name = "token-rate-limited"
retry_after = 5
times = 2

[[fault]]
name = "stream-terminated"
after = 3
since = 60
user = "user-2"
"""


def written(tmp_path: Path, content: str) -> Path:
    file = tmp_path / "day.toml"
    file.write_text(content, encoding="utf-8")
    return file


def test_each_table_is_a_fault_in_its_order(tmp_path: Path) -> None:
    one, other = scenario.read(written(tmp_path, GOOD))
    assert (one.name, one.options.retry_after, one.when.times) == ("token-rate-limited", 5, 2)
    assert (other.name, other.options.after) == ("stream-terminated", 3)
    assert (other.when.since, other.when.user, other.when.times) == (60, "user-2", None)


def test_an_empty_one_arms_nothing(tmp_path: Path) -> None:
    assert scenario.read(written(tmp_path, "# a good day\n")) == ()


FIRST = '[[fault]]\nname = "unauthorized"\n\n'


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("fault", "not a TOML file: "),
        ("\xff", "not a TOML file: "),
        ("faults = 1", "faults: a scenario has tables [[fault]] only"),
        ('[fault]\nname = "x"', "fault: write it as [[fault]], one for each fault"),
        ("fault = [1]", "fault: write it as [[fault]], one for each fault"),
        (FIRST + "[[fault]]\ntimes = 1", "[[fault]] 2: name: say which fault"),
        (FIRST + "[[fault]]\nname = 7", "[[fault]] 2: name: say which fault"),
        (FIRST + '[[fault]]\nname = "x"', "[[fault]] 2: no fault is called x; `wiretape faults`"),
        (FIRST + "times = 0", "[[fault]] 1: fault unauthorized: times: Input should be greater"),
        (FIRST + 'times = "2"', "[[fault]] 1: fault unauthorized: times: Input should be a valid"),
        (FIRST + "color = 1", "[[fault]] 1: fault unauthorized: color is none of its options"),
        (
            '[[fault]]\nname = "latency"\nseconds = "1"',
            "[[fault]] 1: fault latency: seconds: Input should be a valid number",
        ),
    ],
)
def test_a_mistake_names_the_file_the_table_and_the_key(
    content: str, error: str, tmp_path: Path
) -> None:
    file = written(tmp_path, content)
    with pytest.raises(BadInputError) as raised:
        scenario.read(file)
    assert str(raised.value).startswith(f"{file}: {error}")
    assert "\n" not in str(raised.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "day.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInputError, match="not a TOML file"):
        scenario.read(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        scenario.read(tmp_path / "nowhere.toml")
