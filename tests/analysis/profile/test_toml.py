from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_profile import profiles
from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.toml import read, write
from wiretape.recorder.errors import BadInputError


@given(profiles())
def test_what_is_written_is_read_again(profile: Profile) -> None:
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "profile.toml")
        file.write_text(write(profile), encoding="utf-8")
        assert read(file) == profile
        assert write(read(file)) == write(profile)


@pytest.mark.parametrize(
    "content",
    [
        {"tools": {"list": [f"tool-{n}" for n in range(10_000)]}},
        {"discovery": {"resource_metadata": {f"/{n}": 404 for n in range(10_000)}}},
    ],
)
def test_a_large_value_is_soon_written(content: Any) -> None:
    profile = Profile.model_validate({"name": "x", **content})
    start = process_time()
    write(profile)
    assert process_time() - start < 4


@given(st.binary() | st.text().map(str.encode))
def test_anything_else_is_refused_in_one_line(content: bytes) -> None:
    with TemporaryDirectory() as scratch:
        file = Path(scratch, "profile.toml")
        file.write_bytes(content)
        with pytest.raises(BadInputError) as refused:
            read(file)
        assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[token]\nlifetme = 1", "token.lifetme: there is no such value; did you mean lifetime? "),
        ("[tokens]", "tokens: there is no such value; did you mean token? "),
        ("[cors.tokn]", "cors.tokn: there is no such role; did you mean token? "),
        (
            '[challenge.mcp.POST."no token"]\nstaus = 401\nstatus = 401\nbody_form = "empty"',
            'challenge.mcp.POST."no token".staus: there is no such value; did you mean status? ',
        ),
        (
            '[token.access.shape]\nkind = "opaque"\nlength = 3\nsegments = [{lenght = 3}]',
            "token.access.shape.segments.0.lenght: there is no such value; did you mean length? ",
        ),
        ("[token]\nlifetime = -1", "token.lifetime: must be greater than or equal to 0, not -1"),
        ("[token]\nlifetime = true", "token.lifetime: must be a valid integer, not True"),
        ("[registration]\nstatus = 99", "registration.status: must be greater than or equal to"),
        (
            "[token]\nclock_skew = {value = 2, low = 3, high = 1}",
            "token.clock_skew: `low` must not be above `high`",
        ),
        ('[protocol]\ncapabilities = "{"', "protocol.capabilities: "),
        ('[protocol]\ncapabilities = "1"', "protocol.capabilities: must be a JSON object or array"),
        ("[transport.get]", "transport.get: status is missing"),
        (
            '[standing]\nassumed = ["token.lifetime"]',
            "standing names token.lifetime, and there is no such value",
        ),
        (
            '[token]\nlifetime = 1\n[standing]\nassumed = ["token"]\ndocumented = ["token"]',
            "standing: names token twice",
        ),
        ('[standing]\nassumed = ["token lifetime"]', "standing: 'token lifetime' is not a path"),
        ("[token]\nlifetime = 2025-08-01", "token.lifetime: "),
        ("name = 2", "name: must be a valid string, not 2"),
    ],
)
def test_a_slip_is_named_with_what_would_do(content: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "edited.toml"
    named = content if content.startswith("name") else f'name = "n"\n{content}'
    file.write_text(named)
    with pytest.raises(BadInputError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file}: {says}")
    assert len(str(refused.value).splitlines()) == 1


def test_names_that_would_do_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "edited.toml"
    file.write_text('name = "n"\n[refresh]\nx = 1\n')
    with pytest.raises(BadInputError, match="there may be: encoding, client_auth, rotates, "):
        read(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        read(tmp_path / "none.toml")


def test_comments_tell_standing_and_evidence() -> None:
    profile = Profile.model_validate(
        {
            "name": "n",
            "standing": {"default": "documented", "assumed": ["token.type"]},
            "token": {"type": "bearer", "lifetime": 3300, "scope": "a"},
        }
    )
    assert (
        write(profile, {("token", "lifetime"): "a\n.jsonl:45"})
        == """name = "n"

[standing]
default = "documented"
assumed = ["token.type"]

[token]
type = "bearer"  # assumed
lifetime = 3300  # documented: a\\n.jsonl:45
scope = "a"  # documented
"""
    )


def test_the_closest_name_counts() -> None:
    profile = Profile.model_validate(
        {
            "name": "n",
            "standing": {"assumed": ["token"], "documented": ["token.access.shape"]},
            "token": {
                "type": "bearer",
                "access": {"shape": {"kind": "uuid", "length": 36}},
            },
            "refresh": {"rotates": True},
        }
    )
    assert profile.standing.of(("token", "type")) == "assumed"
    assert profile.standing.of(("token", "access", "shape")) == "documented"
    assert profile.standing.of(("refresh", "rotates")) == "observed"
