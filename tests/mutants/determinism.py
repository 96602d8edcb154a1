"""`python -m mutants.determinism TARGET --runs N`: does the suite always say the same?"""

import argparse
import sys
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from rich.console import Console
from rich.progress import track

from mutants.trying import SYSTEMS, tried


def main() -> None:
    """Run the whole suite so many times in a row; exits 1 if a check is judged differently."""
    parser = argparse.ArgumentParser(prog="mutants.determinism", description=main.__doc__)
    parser.add_argument("target", choices=SYSTEMS)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--profile", help="not the one that the system's wiretape.toml names")
    args = parser.parse_args()
    began = monotonic()
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seen: dict[tuple[str, str], str] = {}
    runs = track(range(args.runs), "runs", console=Console(stderr=True), transient=True)
    for _ in runs:
        with TemporaryDirectory() as folder:
            for each in tried(args.target, Path(folder), profile=args.profile):
                said[each.id][each.outcome] += 1
                seen[each.id, each.outcome] = each.seen
    for id_, outcomes in said.items():
        if outcomes.keys() != {"pass"}:
            told = "; ".join(
                f"{number} {out}: {seen[id_, out]}" for out, number in outcomes.items()
            )
            print(f"{id_}: {told}")
    varying = sum(len(outcomes) > 1 for outcomes in said.values())
    print(f"{args.runs} runs of {len(said)} checks: {varying} judged differently")
    print(f"{(monotonic() - began) / args.runs:.1f} s a run")
    sys.exit(varying > 0)


if __name__ == "__main__":
    main()
