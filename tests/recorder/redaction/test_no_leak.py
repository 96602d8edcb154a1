"""No secret, no part and no encoding of one is left, wherever it was seen before."""

import json
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from planted import (
    EXAMPLES,
    HIDDEN,
    HIDDEN_IN_BASE64,
    PLAIN_FIELDS,
    SHOWN_IN_HEADERS,
    SHOWN_IN_TEXT,
    SHOWN_PASSWORD,
    Secret,
    basic,
    colon_tokens,
    passwords,
    secrets,
    traces,
)
from wiretape.recorder.redaction.redactor import Redactor

pytestmark = pytest.mark.fuzz

type Carrier = Callable[[str], str]

KEY = bytes(range(32))


def assert_gone(secret: Secret, recorded: list[str]) -> None:
    for trace in traces(secret):
        for text in recorded:
            assert trace not in text


def show(redactor: Redactor, place: str, secret: Secret) -> str:
    """Plant a secret where it can be seen to be one, and give what is recorded."""
    if place in SHOWN_IN_HEADERS:
        return redactor.headers(SHOWN_IN_HEADERS[place](secret.text))[0][1]
    return redactor.text(SHOWN_IN_TEXT[place](secret.text))


SHOWN = st.sampled_from([*SHOWN_IN_HEADERS, *SHOWN_IN_TEXT])
CARRIERS = st.sampled_from([*HIDDEN.values(), *HIDDEN_IN_BASE64.values()])


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(SHOWN, secrets()), min_size=1, max_size=3),
    st.lists(CARRIERS, min_size=1, max_size=4),
)
def test_a_secret_once_shown_is_found_everywhere(
    planted: list[tuple[str, Secret]], carriers: list[Carrier]
) -> None:
    redactor = Redactor(KEY)
    recorded = [show(redactor, place, secret) for place, secret in planted]
    for carry in carriers:
        for _, secret in planted:
            text = carry(secret.text)
            recorded += redactor.text(text), *redactor.headers([(b"X-Debug", text.encode())])[0]
    for _, secret in planted:
        assert_gone(secret, recorded)


@settings(max_examples=EXAMPLES)
@given(
    st.sampled_from(["basic", *SHOWN_PASSWORD]),
    passwords(),
    st.lists(CARRIERS, min_size=1, max_size=4),
)
def test_a_password_of_any_characters_is_found_everywhere(
    place: str, password: Secret, carriers: list[Carrier]
) -> None:
    redactor = Redactor(KEY)
    recorded = [show(redactor, place, password)]
    recorded += [redactor.text(carry(password.text)) for carry in carriers]
    recorded.append(redactor.text(f"x {basic('someone', password.text)} y"))
    assert_gone(password, recorded)


@settings(max_examples=EXAMPLES)
@given(st.sampled_from([*SHOWN_IN_TEXT]), secrets(), st.sampled_from([*HIDDEN.values()]))
@example("json", Secret("12%3004A"), HIDDEN["prose"])
def test_equal_secrets_stay_equal_however_they_are_written(
    place: str, secret: Secret, carry: Carrier
) -> None:
    redactor = Redactor(KEY)
    show(redactor, place, secret)
    pseudonym = json.loads(redactor.text(json.dumps({"access_token": secret.text})))["access_token"]
    assert len(pseudonym) == len(secret.text)
    assert redactor.text(carry(secret.text)) == carry(pseudonym)


@settings(max_examples=EXAMPLES)
@given(colon_tokens(), colon_tokens(), SHOWN, SHOWN)
def test_equal_segments_stay_equal_and_others_stay_different(
    first: Secret, second: Secret, one: str, other: str
) -> None:
    *same, last = first.text.split(":")
    assume(not second.text.endswith(last))
    rotated = Secret(":".join([*same, second.text.split(":")[2]]))
    redactor = Redactor(KEY)
    show(redactor, one, first)
    show(redactor, other, rotated)
    before, after = (redactor.text(secret.text).split(":") for secret in (first, rotated))
    assert before[:2] == after[:2]
    assert before[2] != after[2]
    assert list(map(len, before)) == [24, 16, 32]


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(SHOWN, secrets()), max_size=3), secrets())
def test_what_is_no_secret_stays_and_json_stays_json(
    planted: list[tuple[str, Secret]], note: Secret
) -> None:
    redactor = Redactor(KEY)
    for place, secret in planted:
        show(redactor, place, secret)
    document = {"access_token": note.text, "deep": [{"note": note.text}], **PLAIN_FIELDS}
    once = json.loads(redactor.text(json.dumps(document)))
    assert list(once) == list(document)
    assert {name: once[name] for name in PLAIN_FIELDS} == PLAIN_FIELDS
    twice = json.loads(json.loads(redactor.text(json.dumps({"a": json.dumps(document)})))["a"])
    assert twice == once


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(SHOWN, secrets()), min_size=1, max_size=3), st.binary(min_size=32))
def test_another_key_gives_other_pseudonyms(planted: list[tuple[str, Secret]], key: bytes) -> None:
    assume(key[:32] != KEY)
    one, other = Redactor(KEY), Redactor(key)
    assert one.key_id != other.key_id
    for place, secret in planted:
        assert show(one, place, secret) != show(other, place, secret)
