"""Tokens that are JWTs: how long they are, and what they say."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet

from replayed import Caller, changed, shipped, told
from wiretape.analysis.oauth.shapes import describe
from wiretape.analysis.profile.texts import JsonText
from wiretape.analysis.profile.values import Length, Segment, Shape
from wiretape.replay.oauth.signing import About, Signer, claims, padded
from wiretape.replay.oauth.tokens import Grant

ABOUT = About(
    Grant(1, "client", "read write"), "read", "http://here", "https://there", "aud", 1000, 4600
)


def shape(*lengths: Length) -> Shape:
    segments = tuple(Segment(length=length, alphabet="base64url") for length in lengths)
    return Shape(kind="jwt", length=0, separator=".", segments=segments)


def lengths(token: str) -> Sequence[int]:
    return [len(part) for part in token.split(".")]


@settings(max_examples=20, deadline=None)  # each makes a key
@given(
    header=st.integers(90, 160).filter(lambda length: length % 4 != 1),
    body=st.integers(300, 2000).filter(lambda length: length % 4 != 1),
    seed=st.integers(),
)
def test_parts_are_as_long_as_they_were(header: int, body: int, seed: int) -> None:
    dice, known = random.Random(seed), shape(header, body, 342)
    signer = Signer(None, known)
    made = padded(claims(None, ABOUT, dice=dice), None, known, dice=dice)
    assert lengths(signer.sign(made))[:2] == [header, body]


def test_the_official_tokens_are_of_the_profiles_shape() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    client, first = caller.granted()
    second = caller.answer_of(caller.refresh(client, first["refresh_token"]))
    code = told(caller.authorize(client))["code"]
    for token in (first["access_token"], second["access_token"], first["refresh_token"], code):
        assert 900 <= len(token) <= 1400
        one, two, three = lengths(token)
        assert (80 <= one <= 140, 480 <= two <= 920, three) == (True, True, 342)
    family = [first["access_token"], second["access_token"]]
    described: Any = describe(family, [family])
    assert [part["stable"] for part in described["segments"]] == [True, False, False]


def test_what_cannot_be_shorter_is_as_short_as_can_be() -> None:
    dice = random.Random(1)
    made = padded(claims(None, ABOUT, dice=dice), None, shape(20, 20, 342), dice=dice)
    assert len(made["jti"]) == 8


def test_without_an_id_of_its_own_a_token_is_as_long_as_its_claims() -> None:
    dice = random.Random(1)
    forms = ({"sub": {"type": "string"}}, {"jti": {"type": "string", "constant": "one"}})
    for form in forms:
        described = JsonText.of({"header": {}, "claims": form})
        said = claims(described, ABOUT, dice=dice)
        assert padded(said, described, shape(100, 800, 342), dice=dice) == said


@pytest.mark.parametrize(
    ("name", "form", "value"),
    [
        ("scope", {"type": "string", "constant": "read write"}, "read"),
        ("scp", {"type": "array"}, ["read"]),
        ("iss", {"type": "string", "constant": "https://there"}, "http://here"),
        ("iss", {"type": "string", "constant": "https://another"}, "https://another"),
        ("iss", {"type": "string"}, "http://here"),
        ("aud", {"type": "string"}, "aud"),
        ("aud", {"type": "array"}, ["aud"]),
        ("aud", {"type": "string", "constant": "an-api"}, "an-api"),
        ("exp", {"type": "time"}, 4600),
        ("auth_time", {"type": "time"}, 1000),
        ("verified", {"type": "boolean"}, True),
    ],
)
def test_claims_are_of_this_grant_or_constant(name: str, form: Any, value: Any) -> None:
    described = JsonText.of({"claims": {name: form}})
    assert claims(described, ABOUT, dice=random.Random(1)) == {name: value}


def test_the_header_is_of_the_recorded_type() -> None:
    typ = {"header": {"typ": {"type": "string", "constant": "at+jwt"}}, "claims": {}}
    access = {"claims": JsonText.of(typ), "shape": {"kind": "jwt", "length": 0}}
    caller = Caller(changed(shipped("atlassian-2026-09"), token={"access": access}))
    _, tokens = caller.granted()
    keys = KeySet.import_key_set(caller.service.jwks())
    assert jwt.decode(tokens["access_token"], keys).header["typ"] == "at+jwt"
