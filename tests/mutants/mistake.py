"""What a mistake is: a function that breaks a reference system, and which check is to notice.

    @mistake(fails="sessions.ended", also=("sessions.unknown",))
    def sessions_never_end() -> None:
        '''A session is kept although its client has ended it.'''
        replace(Sessions, "end", lambda *_: None)

`python -m mutants.bridge sessions-never-end -- WORDS` starts a bridge with this mistake.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any

from wiretape.replay.conformance.verdict import Outcome

PERSONAS = "persona."
"""How the ids of the checks begin that drive a system as real clients do."""


@dataclass(frozen=True)
class Mistake:
    """One mistake of a system.

    The check `fails`; those that match a pattern of `also` may, as they are about the same. With a
    `profile` that is replayed behind the system, not what its `wiretape.toml` names. `production`
    is a name of `mutants.production`, if this went wrong with real systems.
    """

    name: str
    title: str
    fails: str
    also: tuple[str, ...]
    production: str | None
    profile: str | None
    make: Callable[[], None]

    @property
    def patterns(self) -> tuple[str, ...]:
        """What may fail."""
        return (self.fails, *self.also)

    def explains(self, check: str, outcome: Outcome) -> bool:
        """Tell whether a check may come out so because of this.

        A persona that got stuck may leave its other checks untestable.
        """
        if any(fnmatchcase(check, pattern) for pattern in self.patterns):
            return True
        stuck = self.fails.startswith(PERSONAS) and outcome == "untestable"
        return stuck and check.rpartition(".")[0] == self.fails.rpartition(".")[0]


def mistake(
    *,
    fails: str,
    also: tuple[str, ...] = (),
    production: str | None = None,
    profile: str | None = None,
) -> Callable[[Callable[[], None]], Mistake]:
    """Declare a mistake: its name is that of the function, its title the docstring's first line."""

    def declared(make: Callable[[], None]) -> Mistake:
        name = make.__name__.replace("_", "-")
        title = (make.__doc__ or "").strip().partition("\n")[0]
        if not title:
            raise TypeError(f"{make.__module__}.{make.__name__} has no docstring")
        return Mistake(name, title, fails, also, production, profile, make)

    return declared


def replace(owner: Any, name: str, by: Any) -> Any:
    """Put something in the place of a class's or module's attribute; gives what was there.

    Raises AttributeError if it has none of this name: the system has changed, and the mistake
    would be none.
    """
    before = getattr(owner, name)
    setattr(owner, name, by)
    return before


@cache
def mistakes(package: ModuleType) -> MappingProxyType[str, Mistake]:
    """Find the mistakes that the modules of a package declare, by name.

    Raises TypeError for a name that is there twice.
    """
    found: dict[str, Mistake] = {}
    for area in sorted(each.name for each in iter_modules(package.__path__)):
        if area == "__main__":
            continue
        module = import_module(f"{package.__name__}.{area}")
        for each in vars(module).values():
            if isinstance(each, Mistake):
                if each.name in found:
                    raise TypeError(f"{area} calls a mistake {each.name}, as another area does")
                found[each.name] = each
    return MappingProxyType(found)


def start(package: ModuleType, main: Callable[[], None]) -> None:
    """Make the mistake that the command line names, and start the system with the other words."""
    name, _, *words = sys.argv[1:]
    sys.argv[1:] = words  # a mistake may be to say another one
    mistakes(package)[name].make()
    main()
