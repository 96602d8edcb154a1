"""When two requests ask the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpointer import resolve_pointer

from wiretape.recorder.redaction.pseudonym import Pseudonyms
from wiretape.replay.recorded.difference import ABSENT, differences, distance
from wiretape.replay.recorded.normal import (
    at,
    blanked,
    canonical,
    fickle,
    leaves,
    without_meta,
    without_token,
)

NAMES = st.sampled_from(["a", "b", "~", "/", "", "0", "a/b", "é"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, 1.0, "1", "true", "", "a"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
UUID = "6f1c1f2e-8d5a-4c3b-9e7f-0a1b2c3d4e5f"


@st.composite
def _changed(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two values that are equal but for a place, or altogether."""
    value = draw(VALUES)
    path, _ = draw(st.sampled_from(list(leaves(value))))
    return value, _put(value, path, draw(VALUES))


def _put(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    first, *rest = path
    copy = value.copy()
    copy[first] = _put(value[first], tuple(rest), new)
    return copy


@given(two=_changed() | st.tuples(VALUES, VALUES))
def test_values_are_equal_if_and_only_if_they_are_written_equally(two: tuple[Any, Any]) -> None:
    one, other = two
    found = list(differences(one, other))
    assert (canonical(one) == canonical(other)) == (found == [])
    assert distance(one, other) == min(len(found), 100)


@given(two=_changed() | st.tuples(VALUES, VALUES))
def test_a_pointer_leads_to_the_first_place_where_they_differ(two: tuple[Any, Any]) -> None:
    one, other = two
    for found in list(differences(one, other)):
        for value, there in ((one, found.wanted), (other, found.got)):
            if there is ABSENT:
                assert resolve_pointer(value, found.pointer, ABSENT) is ABSENT
            else:
                assert repr(resolve_pointer(value, found.pointer)) == repr(there)
        assert at(one, found.path, ABSENT) is found.wanted or found.wanted is not ABSENT


@given(VALUES)
def test_the_order_of_members_and_how_numbers_are_spelt_make_no_difference(value: Any) -> None:
    def turned(value: Any) -> Any:
        match value:
            case dict():
                return {name: turned(value[name]) for name in reversed(value)}
            case list():
                return [turned(part) for part in value]
            case int() if not isinstance(value, bool) and abs(value) < 2**53:
                return float(value)
        return value

    assert canonical(turned(value)) == canonical(value)


def test_true_is_not_one_and_null_is_not_nothing() -> None:
    assert canonical({"a": True}) != canonical({"a": 1})
    assert canonical({"a": None}) != canonical({})
    assert [each.pointer for each in differences({"a": None}, {})] == ["/a"]


def test_what_is_nested_too_deep_is_told() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(RecursionError):
        canonical(deep)


def test_meta_is_left_out_or_only_its_progress_token() -> None:
    params = {"name": "x", "_meta": {"progressToken": 3, "trace": "t"}}
    assert without_meta(params) == {"name": "x"}
    assert without_token(params) == {"name": "x", "_meta": {"trace": "t"}}
    assert without_token({"name": "x", "_meta": {"progressToken": 3}}) == {"name": "x"}
    assert without_token({"_meta": 7}) == {"_meta": 7}


@pytest.mark.parametrize(
    "value",
    [
        UUID,
        UUID.upper(),
        "2025-08-29T02:09:10Z",
        "2025-08-29 02:09",
        "2025-08-29T02:09:10.217+0200",
    ],
)
def test_ids_and_times_are_fickle(value: str) -> None:
    assert fickle({"a": [0, {"b": value}], "c": "plain"}) == (("a", 1, "b"),)


def test_pseudonyms_are_fickle_and_what_looks_like_them_is_not() -> None:
    pseudonyms = Pseudonyms(b"k" * 32)
    secret = "712020:8f0e1d2c3b4a5968"
    assert fickle({"account": pseudonyms.of(secret), "other": secret}) == (("account",),)


@pytest.mark.parametrize("value", ["DEMO-1", "2025", "project = DEMO", 7, None, True, "2025-08-29"])
def test_what_somebody_means_is_not_fickle(value: Any) -> None:
    assert fickle({"a": value}) == ()


def test_only_texts_are_blanked_and_nothing_is_added() -> None:
    paths = fickle({"a": UUID, "b": [UUID]})
    assert blanked({"a": "other", "b": ["more"]}, paths) == {"a": None, "b": [None]}
    kept = {"a": 7, "b": []}
    assert blanked(kept, paths) == kept
    assert json.dumps(kept) == '{"a": 7, "b": []}'
