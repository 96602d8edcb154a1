"""Writes the files of a report into a folder, each whole and for its owner's eyes."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from wiretape.recorder.errors import EnvironmentFaultError


def write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Write texts by their names; raises EnvironmentFaultError if that fails."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in files:
            _replace(folder / name, text)
    except OSError as error:
        raise EnvironmentFaultError(f"cannot write {folder}: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    """Write a file whole: whoever has the old one open keeps that."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        try:
            file.write(text)
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink()
            raise
