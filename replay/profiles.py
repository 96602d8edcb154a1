"""Profiles by the names that users give: files, and those that are shipped."""

from importlib.resources import files
from pathlib import Path

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.toml import read
from wiretape.recorder.errors import BadInputError


def profile_named(name: str) -> Profile:
    """Read the profile of that file or that name. Raises BadInputError."""
    if Path(name).exists() or name.endswith(".toml") or "/" in name:
        return read(Path(name))
    folder = Path(str(files("wiretape.fixtures"))) / "profiles"
    shipped = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in shipped:
        raise BadInputError(f"{name}: no such file, and no profile of: {', '.join(shipped)}")
    return read(folder / f"{name}.toml")
