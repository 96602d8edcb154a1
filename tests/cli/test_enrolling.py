"""`wiretape replay --client`: files of clients, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from replayed import CALLBACK
from wiretape.cli.enrolling import enrolled
from wiretape.recorder.errors import BadInputError

ONE = {"client_id": "one", "client_secret": "a secret of this test", "redirect_uris": [CALLBACK]}
TWO = ONE | {"client_id": "two"}


def written(path: Path, told: Any) -> Path:
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


def test_a_file_has_one_client_or_several(tmp_path: Path) -> None:
    files = [written(tmp_path / "one", ONE), written(tmp_path / "more", [TWO])]
    assert [client.id for client in enrolled(files)] == ["one", "two"]
    assert enrolled([]) == ()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([7], "client_id must be a text"),
        (ONE | {"client_id": 7}, "client_id must be a text"),
        (ONE | {"redirect_uris": [CALLBACK + "#x"]}, "redirect_uris must be a list"),
        ([ONE, ONE], "one is there twice"),
    ],
)
def test_what_is_wrong_is_told(told: Any, why: str, tmp_path: Path) -> None:
    file = written(tmp_path / "client.json", told)
    with pytest.raises(BadInputError, match=why) as refused:
        enrolled([file])
    assert str(refused.value).startswith(f"{file}: ")
    assert ONE["client_secret"] not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No such file"):
        enrolled([tmp_path / "none.json"])
