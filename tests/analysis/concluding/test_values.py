"""What was recorded, as values of findings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from arbitrary import BODIES
from wiretape.analysis.concluding.values import brief, value
from wiretape.analysis.finding import Finding
from wiretape.recorder.log.records import Body


def body(data: bytes) -> Body:
    return Body(json=Raw(data), size=len(data), sha256="")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_small_json_is_its_own_value(found: object) -> None:
    assert value(json.dumps(found).encode()) == found


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"NaN", b'"' + b"x" * 70_000 + b'"', b"[" * 33 + b"]" * 33, b"[" * 5000],
)
def test_what_is_too_much_is_nothing(data: bytes) -> None:
    assert value(data) is None


def test_an_empty_body_is_nothing() -> None:
    assert brief(None) is None
    assert brief(Body(size=0, sha256="")) is None


def test_much_json_is_cut_as_text() -> None:
    long = json.dumps({"a": "b" * 2000}).encode()
    assert brief(body(long)) == long[:1024].decode()
    assert brief(body(b'{"a":1}')) == {"a": 1}


@given(BODIES)
def test_any_body_fits_a_finding(any_body: Body) -> None:
    finding = Finding(id="a", title="b", value=brief(any_body))
    assert Finding.model_validate_json(finding.model_dump_json()) == finding
