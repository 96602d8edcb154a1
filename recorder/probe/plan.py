"""Which steps run, decided before the first request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from wiretape.recorder.errors import UsageError
from wiretape.recorder.probe import steps
from wiretape.recorder.probe.step import Step


@dataclass(frozen=True)
class Planned:
    """A step, and why it is left out if it is."""

    step: Step
    left_out: str | None


def all_steps() -> tuple[Step, ...]:
    """Find the steps, in their order. Raises ValueError for an id or a position used twice."""
    modules = iter_modules(steps.__path__)
    return in_order(import_module(f"{steps.__name__}.{module.name}").STEP for module in modules)


def in_order(found: Iterable[Step]) -> tuple[Step, ...]:
    """Put steps in their order. Raises ValueError for an id or a position used twice."""
    ordered = tuple(sorted(found, key=lambda step: step.position))
    for values in ([step.id for step in ordered], [step.position for step in ordered]):
        if len(set(values)) < len(values):
            raise ValueError(f"two steps of the probe share one of {values}")
    return ordered


def plan(
    steps: tuple[Step, ...],
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    active: bool = False,
    options: Collection[str] = (),
) -> tuple[Planned, ...]:
    """Choose among all steps; with `only` those named and what they need from others.

    `options` are those given that steps may be `only_with`. Raises UsageError for an unknown id.
    """
    known = [step.id for step in steps]
    for name in (*only, *skip):
        if name not in known:
            raise UsageError(f"there is no step {name!r}: the steps are {', '.join(known)}")
    wanted = _with_their_needs(steps, only) if only else set(known)

    def why_not(step: Step) -> str | None:
        if step.id in skip:
            return "skipped"
        if step.id not in wanted:
            return "not asked for"
        if step.only_with is not None and step.only_with not in options:
            return f"only with {step.only_with}"
        if step.effect != "reads" and not active:
            return f"{step.effect}: only with --active"
        return None

    return tuple(Planned(step, why_not(step)) for step in steps)


def most_requests(planned: Iterable[Planned]) -> int:
    """Give the number of requests that this plan never exceeds, repeats at Retry-After aside."""
    return sum(item.step.most for item in planned if item.left_out is None)


def _with_their_needs(steps: tuple[Step, ...], named: Collection[str]) -> set[str]:
    wanted = set(named)
    for step in reversed(steps):  # what is needed is given before
        if step.id in wanted:
            wanted |= {other.id for other in steps if set(other.gives) & set(step.needs)}
    return wanted
