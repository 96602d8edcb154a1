"""Compile the profiles of the recordings in `fixtures/recordings/` anew: `make profiles`."""

from concluded import concluded
from peers.processes import ROOT
from wiretape.analysis.profile.compile import evidence_of, profile_of
from wiretape.analysis.profile.toml import write

RECORDINGS = ROOT / "fixtures/recordings"
PROFILES = ROOT / "fixtures/profiles"


def compiled(name: str) -> str:
    """Write the profile of a fixture."""
    analysis = concluded(RECORDINGS / f"{name}.jsonl")
    return write(profile_of(analysis, name), evidence_of(analysis))


def main() -> None:
    """Compile all of them."""
    for recording in sorted(RECORDINGS.glob("*.jsonl")):
        target = PROFILES / f"{recording.stem}.toml"
        target.write_text(compiled(recording.stem), encoding="utf-8")
        print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
