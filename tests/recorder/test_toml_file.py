from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from wiretape.recorder.errors import BadInputError
from wiretape.recorder.toml_file import read


class Rule(BaseModel):
    name: str = Field(min_length=1)


class File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: tuple[Rule, ...] = ()


def said(folder: Path, content: bytes, hint: str = "") -> str:
    file = folder / "rules.toml"
    file.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read(file, File, hint)
    return str(caught.value).removeprefix(f"{file}: ")


def test_it_reads(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rule]]\nname = "ä"\n', "utf-8")
    assert read(file, File).rule == (Rule(name="ä"),)


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    second = b'[[rule]]\nname = "a"\n[[rule]]\nname = ""'
    at = "rule[2].name: String should have at least 1 character"
    assert said(tmp_path, second) == at
    assert said(tmp_path, second, "write [[rule]]") == f"{at}; write [[rule]]"


@pytest.mark.parametrize("content", [b"[", b"\xff", b"a = " + b"[" * 100_000])
def test_what_is_no_toml(tmp_path: Path, content: bytes) -> None:
    assert said(tmp_path, content).startswith("not a TOML file: ")


@given(st.binary(max_size=60))
def test_whatever_it_is_it_is_read_or_said_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.mktemp("any") / "rules.toml"
    file.write_bytes(content)
    said = ""
    try:
        read(file, File)
    except BadInputError as error:
        said = str(error)
    assert "\n" not in said
