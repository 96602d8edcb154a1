"""Which faults are armed, and whom they strike."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from itertools import count
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wiretape.analysis.profile.model import Role
from wiretape.recorder.discovery import discovered
from wiretape.recorder.errors import UsageError
from wiretape.replay import faults
from wiretape.replay.fault import Fault, Strike
from wiretape.replay.http.messages import Ask
from wiretape.replay.journal import Entry
from wiretape.replay.oauth.tokens import Grant
from wiretape.replay.world import World

_ROLES: tuple[str, ...] = get_args(Role.__value__)


class When(BaseModel):
    """Whom an armed fault strikes, of the requests that it concerns; all conditions must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nth: int | None = Field(None, ge=1, description="only the n-th such request")
    skip: int | None = Field(None, ge=1, description="not the first so many such requests")
    times: int | None = Field(None, ge=1, description="only so many, from the first on")
    share: float | None = Field(None, gt=0, le=1, description="this share of them, by chance")
    seed: int = Field(0, description="of that chance")
    user: str | None = Field(None, description="whose token, code or session it is")
    role: Role | None = Field(None, description=f"what the route is for: {', '.join(_ROLES)}")
    path: str | None = Field(None, description="exactly this path")
    method: str | None = Field(
        None, description="of HTTP or JSON-RPC, or a grant type: POST, tools/call, refresh_token"
    )
    since: float | None = Field(None, ge=0, description="from so many seconds after arming on")
    until: float | None = Field(None, ge=0, description="until so many seconds after arming")

    def matches(self, ask: Ask, role: Role, entry: Entry, age: float) -> bool:
        """Tell whether a request is such a one; `age` is how long ago the fault was armed."""
        return (
            self.user in {None, entry.user}
            and self.role in {None, role}
            and self.path in {None, ask.path}
            and self.method in {None, ask.method, entry.operation}
            and (self.since is None or age >= self.since)
            and (self.until is None or age < self.until)
        )


@dataclass(frozen=True)
class Plan:
    """A fault by its name, with what is chosen about it, and whom it is to strike."""

    name: str
    fault: Fault[Any]
    options: Any
    when: When


@dataclass
class Armed:
    """A fault that is armed `at` a time; `seen` such requests came, it struck `struck` of them."""

    id: int
    plan: Plan
    at: float
    seen: int = 0
    struck: int = 0
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    chance: random.Random = field(default_factory=random.Random, repr=False)
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        self.chance.seed(self.when.seed)
        self.dice.seed(self.when.seed)

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.plan.name

    @property
    def fault(self) -> Fault[Any]:
        """The fault."""
        return self.plan.fault

    @property
    def options(self) -> Any:
        """What is chosen about it."""
        return self.plan.options

    @property
    def when(self) -> When:
        """Whom it strikes."""
        return self.plan.when

    def strike(
        self, world: World, ask: Ask, role: Role, entry: Entry, grant: Grant | None
    ) -> Strike[Any]:
        """Give what its hooks are to know of a request."""
        given = (self.options, self.memory, self.dice)
        return Strike(self.fault, world, ask, role, entry, grant, *given)

    def strikes(self, *, free: bool) -> bool:
        """Decide about a request that it concerns, and count it; `free`: no other was faster."""
        when = self.when
        times = self.fault.times if when.times is None else when.times
        self.seen += 1
        struck = (
            when.nth in {None, self.seen}
            and (when.skip is None or self.seen > when.skip)
            and (times is None or self.struck < times)
            and (when.share is None or self.chance.random() < when.share)
            and free
        )
        self.struck += struck
        return struck


@dataclass(slots=True)
class Aim:
    """An armed fault and a request that it concerns."""

    armed: Armed
    strike: Strike[Any]
    _hits: bool | None = None

    @property
    def fault(self) -> Fault[Any]:
        """The fault."""
        return self.armed.fault

    def hits(self, *, free: bool = True) -> bool:
        """Tell whether it strikes; this is decided, counted and entered the first time."""
        if self._hits is None:
            self._hits = self.armed.strikes(free=free)
            if self._hits:
                self.strike.entry.faults.append(self.armed.name)
        return self._hits


class Faults:
    """The armed faults of one service, in the order in which they were armed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._armed: dict[int, Armed] = {}
        self._ids = count(1)

    def __iter__(self) -> Iterator[Armed]:
        return iter(tuple(self._armed.values()))

    def arm(self, name: str, **chosen: Any) -> Armed:
        """Arm a fault; `chosen` are its options and the fields of `When`. Raises UsageError."""
        return self.take(planned(name, chosen))

    def take(self, plan: Plan) -> Armed:
        """Arm a fault as it is planned."""
        armed = Armed(next(self._ids), plan, self._world.clock.now())
        self._armed[armed.id] = armed
        if plan.fault.armed is not None:
            plan.fault.armed(self._world)
        return armed

    def disarm(self, id_: int) -> None:
        """Disarm a fault. Raises UsageError if there is none of that id."""
        armed = self._armed.pop(id_, None)
        if armed is None:
            raise UsageError(f"no fault is armed as {id_}")
        if armed.fault.disarmed is not None:
            armed.fault.disarmed(self._world)

    def disarm_all(self) -> None:
        """Disarm all faults."""
        for id_ in tuple(self._armed):
            self.disarm(id_)

    def aimed(self, ask: Ask, role: Role, entry: Entry, grant: Grant | None) -> tuple[Aim, ...]:
        """Give the faults that a request is to meet, in the order in which they were armed."""
        if not self._armed:
            return ()
        aims = (
            Aim(armed, armed.strike(self._world, ask, role, entry, grant))
            for armed in self._armed.values()
            if armed.when.matches(ask, role, entry, entry.at - armed.at)
        )
        return tuple(aim for aim in aims if aim.fault.concerns(aim.strike))


@cache
def known() -> dict[str, Fault[Any]]:
    """Give all faults by name, which is their file's with dashes."""
    found = discovered(faults, "FAULT", Fault)
    return {name.replace("_", "-"): fault for name, fault in found.items()}


def unknown(name: str) -> str:
    """Say that no fault is called so, and what may be meant."""
    near = get_close_matches(name, known(), 1, 0.8)
    meant = f"; do you mean {near[0]}?" if near else "; `wiretape faults` lists them"
    return f"no fault is called {name or 'nothing'}{meant}"


def planned(name: str, chosen: Mapping[str, Any], *, strict: bool = False) -> Plan:
    """Plan a fault; `chosen` are its options and the fields of `When`.

    Where it is not `strict`, numbers may be written as texts. Raises UsageError.
    """
    fault = known().get(name)
    if fault is None:
        raise UsageError(unknown(name))
    about = {key: chosen[key] for key in chosen if key in When.model_fields}
    other = {key: chosen[key] for key in chosen if key not in about}
    if fault.armed is not None and about:
        raise UsageError(f"fault {name}: {next(iter(about))}: it is not about requests")
    try:
        options = fault.options.model_validate(other, strict=strict)
        return Plan(name, fault, options, When.model_validate(about, strict=strict))
    except ValidationError as error:
        raise UsageError(f"fault {name}: {_said(error, fault)}") from error


def plan(said: str) -> Plan:
    """Plan a fault that is written `NAME[:key=value,…]`. Raises UsageError."""
    return planned(*parsed(said))


def parsed(said: str) -> tuple[str, dict[str, str]]:
    """Read `NAME[:key=value,…]`. Raises UsageError."""
    name, _, rest = said.partition(":")
    pairs = [pair.partition("=") for pair in rest.split(",") if pair]
    if any(not found for _, found, _ in pairs):
        raise UsageError(f"fault {said}: say NAME or NAME:key=value,key=value")
    return name.strip(), {key.strip(): value.strip() for key, _, value in pairs}


def _said(error: ValidationError, fault: Fault[Any]) -> str:
    """Say what is wrong with the first mistaken choice, and what there is to choose."""
    first = error.errors()[0]
    can = ", ".join([*fault.options.model_fields, *When.model_fields])
    if first["type"] == "extra_forbidden":
        return f"{first['loc'][0]} is none of its options: {can}"
    return f"{first['loc'][0]}: {first['msg']}"
