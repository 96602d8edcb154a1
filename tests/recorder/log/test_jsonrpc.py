import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from wiretape.recorder.log.jsonrpc import (
    Call,
    Failure,
    Malformed,
    Message,
    Notification,
    Result,
    messages,
)
from wiretape.recorder.log.records import Content


def read(value: object) -> tuple[Message, ...]:
    return messages(Content(json=Raw(json.dumps(value).encode())))


def rpc(**fields: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", **fields}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (rpc(id=1, method="ping"), Call(1, "ping")),
        (rpc(id="a", method="x", params=[1]), Call("a", "x", Raw(b"[1]"))),
        (
            rpc(id=0, method="x", params={"_meta": {"progressToken": 0}}),
            Call(0, "x", Raw(b'{"_meta": {"progressToken": 0}}'), progress_token=0),
        ),
        (rpc(method="notifications/initialized"), Notification("notifications/initialized")),
        (
            rpc(method="notifications/progress", params={"progressToken": "t"}),
            Notification("notifications/progress", Raw(b'{"progressToken": "t"}'), "t"),
        ),
        (rpc(id=1, result=None), Result(1, Raw(b"null"))),
        (rpc(id=1, error={"code": -1, "message": "m"}), Failure(1, -1, "m")),
        (rpc(id=None, error={"code": -1, "data": 2}), Failure(None, -1, "", Raw(b"2"))),
        (rpc(error={"code": -1}), Failure(None, -1, "")),
    ],
)
def test_messages_are_told_apart(message: object, expected: Message) -> None:
    assert read(message) == (expected,)


def test_a_batch_is_its_messages_in_order() -> None:
    batch = [rpc(id=1, method="a"), rpc(id=2, result={}), 3]
    call, result, malformed = read(batch)
    assert (call, result) == (Call(1, "a"), Result(2, Raw(b"{}")))
    assert isinstance(malformed, Malformed)


@pytest.mark.parametrize(
    "message",
    [
        1,
        None,
        [],
        {},
        {"error": "invalid_token"},
        {"jsonrpc": "1.0", "id": 1, "method": "x"},
        rpc(),
        rpc(method=1),
        rpc(id=None, method="x"),
        rpc(id=True, method="x"),
        rpc(id=[1], result=1),
        rpc(result=1),
        rpc(id=1, result=1, error={"code": 1}),
        rpc(id=1, error="x"),
        rpc(id=1, error={}),
        rpc(id=1, error={"code": "1"}),
    ],
)
def test_anything_else_is_malformed_and_says_why(message: object) -> None:
    (malformed,) = read(message)
    assert isinstance(malformed, Malformed)
    assert malformed.why


@pytest.mark.parametrize("raw", [b"[" * 10_000, b'{"jsonrpc":"2.0","id":1,"result":' * 5_000])
def test_deep_nesting_is_malformed(raw: bytes) -> None:
    (malformed,) = messages(Content(json=Raw(raw)))
    assert isinstance(malformed, Malformed)


@pytest.mark.parametrize("content", [None, Content(), Content(text="{}"), Content(base64="e30=")])
def test_where_there_is_no_json_there_is_no_message(content: Content | None) -> None:
    assert messages(content) == ()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
NEARLY = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0")},
    optional={
        "id": JSON,
        "method": JSON | st.just("notifications/progress"),
        "params": JSON | st.fixed_dictionaries({"_meta": JSON, "progressToken": JSON}),
        "result": JSON,
        "error": JSON | st.fixed_dictionaries({"code": JSON, "message": JSON}),
    },
)


@given(JSON | NEARLY | st.lists(NEARLY))
def test_no_json_raises(value: Any) -> None:
    found = read(value)
    assert len(found) == (len(value) or 1 if isinstance(value, list) else 1)


@given(st.binary())
def test_not_even_broken_json_raises(raw: bytes) -> None:
    assert messages(Content(json=Raw(raw)))
