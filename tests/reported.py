"""The report on plays, or on recordings."""

from pathlib import Path

from play import Play
from wiretape.analysis.analyse import analyse
from wiretape.analysis.report.assemble import assemble
from wiretape.analysis.report.model import Report


def reported(folder: Path, *recordings: Play | Path) -> Report:
    """Report on plays, which are called `1.jsonl` and so on, or on recordings."""
    paths = [
        each.write(folder / f"{number}.jsonl") if isinstance(each, Play) else each
        for number, each in enumerate(recordings, 1)
    ]
    return assemble(analyse(paths))
