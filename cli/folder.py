"""The folder that a command writes a report into."""

from pathlib import Path

from wiretape.recorder.errors import UsageError


def named(folder: str) -> Path:
    """Read the name of a folder; raises UsageError for an empty one, which is not `.`."""
    if not folder:
        raise UsageError("-o '': name a folder, such as -o report")
    return Path(folder)
