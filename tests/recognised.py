"""What is recognised in a play: ids of diagnoses, each with how sure it is."""

from pathlib import Path

from concluded import diagnoses
from play import Play


def recognised(*recordings: Play | Path) -> list[tuple[str, str]]:
    """Give all diagnoses, whichever module they are from."""
    return [(each.id, each.confidence) for each in diagnoses(*recordings)]
