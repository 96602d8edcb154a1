"""Evidence that a play shows, as a run of the conformance suite would: marks say the steps."""

from pathlib import Path

from play import Play
from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.evidence import OVER, STEP, TRIAL, Evidence, Sides
from wiretape.replay.conformance.reading import evidence

TARGET = "http://127.0.0.1:8000/mcp"
SERVICE = "http://127.0.0.1:9000/v1/mcp"
_SIDES = Sides(frozenset({origin(TARGET)}), frozenset({origin(SERVICE)}))


class Trial(Play):
    """What a family's play would have recorded at `TARGET` and `SERVICE`."""

    def __init__(self) -> None:
        super().__init__()
        self.mark(TRIAL, "trial")

    def step(self, label: str) -> None:
        self.mark(STEP, label)

    def evidence(self, folder: Path) -> Evidence:
        self.mark(OVER, "trial")
        return evidence(self.write(folder / "trial.jsonl"), _SIDES).trials["trial"]
