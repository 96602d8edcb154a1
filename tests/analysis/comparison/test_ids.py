"""Every id in the sources of the rules is one that its rule says it gives."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module

import pytest

from wiretape.analysis.comparison.ids import nearest, possible
from wiretape.analysis.comparison.rule import matches, rules


def written(area: str) -> Iterator[str]:
    """Give the ids of an area's judgements, with an `x` for what is filled in."""
    module = import_module(f"wiretape.analysis.comparison.rules.{area}")
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.keyword) and node.arg == "id":
            if isinstance(node.value, ast.Constant):
                yield str(node.value.value)
            elif isinstance(node.value, ast.JoinedStr):
                parts = node.value.values
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in parts)


@pytest.mark.parametrize("area", rules())
def test_a_rule_gives_the_ids_that_it_says(area: str) -> None:
    gives = rules()[area].gives
    for id_ in written(area):
        assert matches(id_, gives) or any(matches(each, [id_]) for each in gives), id_


def test_what_is_possible() -> None:
    assert possible("token.error.invalid_grant", ())
    assert possible("upstream.refresh.encoding", ())
    assert possible("of.no.rule", {"of.no.rule"})
    assert not possible("of.no.rule", ())
    assert not possible("transport.no-see", ())
    assert nearest("transport.no-see", ()) == "transport.no-sse"
    assert nearest("xyz", ()) is None
