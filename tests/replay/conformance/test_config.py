from pathlib import Path

import pytest

from wiretape.recorder.errors import BadInputError
from wiretape.replay.conformance.config import read

GATEWAY = "".join(
    f'[gateway.{name}]\nmethod = "GET"\npath = "/{name}"\n'
    for name in ("connect", "tools", "call", "disconnect")
)
GATEWAY = f"{GATEWAY}[gateway]\n"
"""A gateway, of which more can be said."""


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wiretape.toml"
    file.write_text('[target]\nurl = "http://127.0.0.1:1/mcp"\ncwd = "sub"\n')
    found = read(file)
    assert found.target is not None
    assert found.folder / found.target.cwd == tmp_path / "sub"


@pytest.mark.parametrize("there", [True, False])
def test_a_profile_is_one_beside_the_file_or_a_name(there: bool, tmp_path: Path) -> None:
    file, profile = tmp_path / "wiretape.toml", tmp_path / "own.toml"
    file.write_text('[target]\nurl = "http://127.0.0.1:1/mcp"\n[upstream]\nprofile = "own.toml"\n')
    if there:
        profile.touch()
    assert read(file).upstream.profile == (str(profile) if there else "own.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[client]\ncommand = []", "client.command: Tuple should have at least 1 item"),
        ("[target]\n", "target.url: Field required"),
        ('[target]\nurl = "u"\nport = 3', "target.port: Extra inputs are not permitted"),
        ('[target]\nurl = "u"\nseconds = 0', "target.seconds: Input should be greater than 0"),
        ('[target]\nurl = "u"\n[upstream]\nissuer = "x"', "upstream.issuer: Input should be"),
        (
            '[upstream]\nusers = ["ada", "bob", "ada"]',
            "upstream.users: each is another user, but 'ada' is named twice",
        ),
        (f'{GATEWAY}service = ""', "gateway.service: String should have at least 1 character"),
        (f'{GATEWAY}service = " "', "gateway.service: String should have at least 1 character"),
        ("[", "not a TOML file"),
        ("\udcff", "not a TOML file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "wiretape.toml"
    file.write_text(text, "utf-8", errors="surrogateescape")
    with pytest.raises(BadInputError, match=said) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        read(tmp_path / "wiretape.toml")
