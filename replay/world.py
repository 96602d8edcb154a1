"""Everything of one service that a fault, or whoever controls it, may look at and change."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from wiretape.analysis.profile.model import Profile
from wiretape.replay.clock import Clock
from wiretape.replay.http.origins import Origins
from wiretape.replay.journal import Journal
from wiretape.replay.mcp.sessions import Sessions
from wiretape.replay.oauth.forge import Forge
from wiretape.replay.oauth.state import State
from wiretape.replay.recorded.player import Player


@dataclass
class Gate:
    """Whether connections are taken at all; `moved` is called when that changes."""

    is_open: bool = True
    moved: Callable[[], object] = lambda: None

    def open(self) -> None:
        """Take connections."""
        self.is_open = True
        self.moved()

    def shut(self) -> None:
        """Refuse connections."""
        self.is_open = False
        self.moved()


@dataclass(frozen=True)
class World:
    """The parts of one service.

    Answers take `pace` times as long as they took when they were recorded.
    """

    profile: Profile
    origins: Origins
    clock: Clock
    dice: random.Random
    forge: Forge
    state: State
    sessions: Sessions = field(default_factory=Sessions)
    journal: Journal = field(default_factory=Journal)
    gate: Gate = field(default_factory=Gate)
    player: Player | None = None
    pace: float = 0

    def restart(self) -> None:
        """Lose what a process keeps in its memory: tokens, codes, clients, sessions."""
        self.state.forget()
        self.sessions.end_all()
        if self.player is not None:
            self.player.forget()

    def reset(self) -> None:
        """Begin anew: as after a restart, and the journal is empty. The clock goes on."""
        self.restart()
        self.journal.clear()
