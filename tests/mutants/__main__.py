"""`python -m mutants [TARGET] [NAME…]`: how many of the mistakes does the suite detect?"""

import argparse
import sys
from time import monotonic

from rich.console import Console
from rich.progress import track
from rich.table import Table

from mutants.matrix import Row, matrix
from mutants.trying import SYSTEMS
from wiretape.replay.conformance.check import Target


def main() -> None:
    """Print what became of each mistake; exits 1 unless each is detected, by its check only."""
    parser = argparse.ArgumentParser(prog="mutants", description=main.__doc__)
    parser.add_argument("target", nargs="?", choices=SYSTEMS, help="only this system's")
    parser.add_argument("name", nargs="*", help="only these mistakes")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once")
    args = parser.parse_args()
    targets: list[Target] = [args.target] if args.target else list(SYSTEMS)
    wanted = [(target, name) for target in targets for name in args.name or SYSTEMS[target]]
    unknown = [name for target, name in wanted if name not in SYSTEMS[target]]
    if unknown:
        parser.error(f"no such mistake: {', '.join(unknown)}")
    began, console = monotonic(), Console(stderr=True, highlight=False)
    rows = []
    running = matrix(wanted, args.jobs)
    for row in track(running, "mutants", len(wanted), console=console, transient=True):
        rows.append(row)
        for wrong in _wrong(row):
            console.print(f"{row.target} {row.name}: {wrong}", style="red", markup=False)
    _print(sorted(rows, key=lambda row: wanted.index((row.target, row.name))))
    detected = sum(row.detected for row in rows)
    clean = sum(not row.unrelated for row in rows)
    print(f"detected {detected} / {len(rows)}, nothing else fails for {clean} / {len(rows)}")
    print(f"{monotonic() - began:.0f} s, {args.jobs} at once")
    sys.exit(not all(row.good for row in rows))


def _wrong(row: Row) -> list[str]:
    check = row.mistake.fails
    missed = f"{check} did not notice: {row.error or row.seen.get(check, 'it was not judged')}"
    unrelated = [f"{id_} {how}: {row.seen[id_]}" for id_, how in row.unrelated.items()]
    return ([] if row.detected else [missed]) + unrelated


def _print(rows: list[Row]) -> None:
    table = Table("mistake", "check", "detected", "others", "s", box=None)
    for row in rows:
        others = [f"{'!' * (id_ in row.unrelated)}{id_}" for id_ in row.missed]
        others = [id_ for id_ in others if id_ != row.mistake.fails]
        told = f"{row.target} {row.name}", row.mistake.fails, "yes" if row.detected else "NO"
        table.add_row(*told, "\n".join(others), f"{row.seconds:.0f}")
    Console(width=None if sys.stdout.isatty() else 140, highlight=False).print(table)


if __name__ == "__main__":
    main()
