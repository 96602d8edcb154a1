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
    began, console = monotonic(), Console(stderr=True)
    running = matrix(wanted, args.jobs)
    rows = list(track(running, "mutants", len(wanted), console=console, transient=True))
    _print(sorted(rows, key=lambda row: wanted.index((row.target, row.name))))
    detected = sum(row.detected for row in rows)
    clean = sum(not row.unrelated for row in rows)
    print(f"detected {detected} / {len(rows)}, nothing else fails for {clean} / {len(rows)}")
    print(f"{monotonic() - began:.0f} s, {args.jobs} at once")
    sys.exit(not all(row.good for row in rows))


def _print(rows: list[Row]) -> None:
    table = Table("mistake", "check", "detected", "others", "s", box=None)
    for row in rows:
        detected = "yes" if row.detected else f"NO: {row.error or row.seen or 'not checked'}"
        others = [
            id_ for id_ in row.missed if id_ != row.mistake.fails and id_ not in row.unrelated
        ]
        wrong = [f"UNRELATED {id_} ({outcome})" for id_, outcome in row.unrelated.items()]
        told = f"{row.target} {row.name}", row.mistake.fails
        table.add_row(*told, detected, "\n".join(others + wrong), f"{row.seconds:.0f}")
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)


if __name__ == "__main__":
    main()
