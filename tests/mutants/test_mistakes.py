"""Each check has a mistake that it finds. `make mutants` runs each against all checks, too."""

from fnmatch import fnmatchcase

import pytest

from mutants.matrix import row
from mutants.production import FAILURES, TO_DO
from mutants.trying import SYSTEMS
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import checks, selected

EACH = [(target, name) for target, mistakes in SYSTEMS.items() for name in mistakes]


@pytest.mark.parametrize("target", SYSTEMS)
def test_each_check_has_a_mistake(target: Target) -> None:
    found = {each.fails for each in SYSTEMS[target].values()}
    assert checks(target).keys() - found == set()


def test_what_went_wrong_in_production_is_among_the_mistakes() -> None:
    def said(*targets: Target) -> set[str | None]:
        mistakes = [each for target in targets for each in SYSTEMS[target].values()]
        return {each.production for each in mistakes} - {None}

    assert said("gateway") >= FAILURES.keys()
    assert said("bridge") >= TO_DO.keys()
    assert said(*SYSTEMS) <= FAILURES.keys() | TO_DO.keys()


@pytest.mark.parametrize(("target", "name"), EACH)
def test_what_a_mistake_is_related_to_is_there(target: Target, name: str) -> None:
    each = SYSTEMS[target][name]
    assert selected(target, each.patterns)
    assert each.fails in checks(target)
    assert not any(fnmatchcase(each.fails, pattern) for pattern in each.also)


@pytest.mark.parametrize(("target", "name"), EACH)
def test_a_mistake_is_detected(target: Target, name: str) -> None:
    found = row(target, name, SYSTEMS[target][name].fails)
    assert found.error is None
    assert found.detected, found.seen[found.mistake.fails]
