"""Where a report's evidence is, seen from the report."""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote


def links(recordings: Sequence[Path], out: Path, project: Path) -> tuple[str | None, ...]:
    """Give the relative URL of each recording for a report in `out`; all paths are absolute.

    There is none where one of them is outside of `project`: the way there would name folders that
    are nobody else's business, and that nobody else has.
    """
    if not out.is_relative_to(project):
        return (None,) * len(recordings)
    return tuple(
        quote(os.fsencode(os.path.relpath(path, out))) if path.is_relative_to(project) else None
        for path in recordings
    )
