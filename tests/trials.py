"""The evidence of a trial, from a play: what checks are judged on without a system."""

from play import Play
from wiretape.replay.conformance.evidence import NOTE, OVER, STEP, TRIAL, Evidence, Sides
from wiretape.replay.conformance.reading import Whole, sorted_out

TARGET = "https://bridge.example"
SERVICE = "https://service.example"
SIDES = Sides(frozenset({TARGET}), frozenset({SERVICE}))


class Trial(Play):
    """A play with the marks of one trial."""

    def __init__(self, name: str = "trial") -> None:
        super().__init__()
        self.name = name
        self.mark(TRIAL, name)

    def step(self, label: str) -> None:
        self.mark(STEP, label)

    def note(self, name: str, detail: str) -> None:
        self.mark(f"{NOTE}: {name}", detail)

    @property
    def whole(self) -> Whole:
        return sorted_out(self.lines, SIDES)

    @property
    def evidence(self) -> Evidence:
        self.mark(OVER, self.name)
        return self.whole.trials[self.name]
