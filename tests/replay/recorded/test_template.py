"""Answers that echo their request."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wiretape.replay.http.messages import encoded
from wiretape.replay.recorded.template import Template

_TEXTS = st.text(max_size=6) | st.sampled_from(["DEMO-1", "milk", "x", "\ue0000w\ue001", '"', "\\"])
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_PARAMS = st.dictionaries(st.sampled_from(["key", "title", "more"]), _JSON, max_size=3)


@given(answer=_JSON, params=_PARAMS)
def test_to_the_recorded_request_the_answer_is_the_recorded_one(answer: Any, params: Any) -> None:
    value = encoded(answer) if _finite(answer) else b"{}"
    assert json.loads(Template.of(value, params).filled(params)) == json.loads(value)


@given(answer=_JSON, recorded=_PARAMS, asked=_PARAMS)
def test_to_any_request_it_is_json(answer: Any, recorded: Any, asked: Any) -> None:
    value = encoded(answer) if _finite(answer) else b"{}"
    json.loads(Template.of(value, recorded).filled(asked))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_the_caller_says_is_said_again(key: str) -> None:
    template = Template.of(b'{"text":"about DEMO-1.","key":"DEMO-1"}', {"key": "DEMO-1"})
    assert json.loads(template.filled({"key": key})) == {"text": f"about {key}.", "key": key}


def test_names_of_members_stay() -> None:
    template = Template.of(b'{"milk":{"milk":"milky milk"}}', {"title": "milk"})
    assert template.filled({"title": "soy"}) == b'{"milk":{"milk":"milky soy"}}'


def test_of_equal_values_the_one_with_the_members_name_is_echoed() -> None:
    recorded = {"a": "same text", "b": "same text"}
    template = Template.of(b'{"a":"same text","b":"same text"}', recorded)
    assert template.filled({"a": "one", "b": "two"}) == b'{"a":"one","b":"two"}'


def _finite(value: Any) -> bool:
    return "Infinity" not in json.dumps(value)
