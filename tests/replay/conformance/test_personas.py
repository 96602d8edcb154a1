"""Which personas are played."""

import pytest

from wiretape.recorder.errors import UsageError
from wiretape.replay.conformance.check import Target
from wiretape.replay.conformance.families import families, personas, selected, with_personas


def test_only_those_are_played_that_are_named() -> None:
    rest = {name for name in families("bridge") if not name.startswith("persona ")}
    assert set(with_personas(families("bridge"), ["vscode"])) == rest | {"persona vscode"}
    assert set(with_personas(families("bridge"), [])) == rest
    assert with_personas(families("bridge"), list(personas())) == families("bridge")


@pytest.mark.parametrize("target", ["bridge", "server"])
def test_what_clients_connect_to_has_all(target: Target) -> None:
    assert {f"persona {name}" for name in personas()} < set(families(target))


@pytest.mark.parametrize("target", ["client", "gateway"])
def test_what_no_client_connects_to_has_none(target: Target) -> None:
    assert not any(name.startswith("persona ") for name in families(target))


def test_checks_of_a_persona_are_named_after_it() -> None:
    for name, family in personas().items():
        assert all(check.id.startswith(f"persona.{name}.") for check in family.checks)


def test_an_unknown_persona_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="emacs: no such persona"):
        with_personas(families("bridge"), ["emacs"])


def test_nothing_to_play_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="does not name"):
        with_personas(selected("bridge", ["persona.vscode.*"]), [])
