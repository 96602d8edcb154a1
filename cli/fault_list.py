"""The faults of a replayed service as they are listed, with what can be chosen about them."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from wiretape.replay.arming import When, known
from wiretape.replay.fault import About, Fault


@dataclass(frozen=True)
class Choice:
    """Something to choose: its name, what it means, and what it is if nothing is said."""

    name: str
    meaning: str
    usually: str | None


@dataclass(frozen=True)
class Listed:
    """A fault by its name."""

    name: str
    fault: Fault[Any]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The options that it has besides the conditions."""
        return _choices(self.fault.options)


def listed() -> tuple[Listed, ...]:
    """Give all faults: by what they are about, then by name."""
    order = get_args(About.__value__)
    found = (Listed(name, fault) for name, fault in known().items())
    return tuple(sorted(found, key=lambda each: (order.index(each.fault.about), each.name)))


def conditions() -> tuple[Choice, ...]:
    """Give what tells any fault whom to strike."""
    return _choices(When)


def _choices(options: type[BaseModel]) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, told.description or "", _usually(told.default))
        for name, told in options.model_fields.items()
    )


def _usually(value: object) -> str | None:
    if value is None or value is PydanticUndefined:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
