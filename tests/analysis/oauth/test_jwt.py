"""Reading JSON Web Tokens."""

import json
from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wiretape.analysis.oauth.jwt import JwtError, read


def part(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")


HEADER = part({"alg": "RS256", "typ": "JWT"})


def test_a_signed_token_tells_its_header_and_its_claims() -> None:
    found = read(f"{HEADER}.{part({'exp': 60, 'iat': 0})}.c2lnbmF0dXJl")
    assert found.header == {"alg": "RS256", "typ": "JWT"}
    assert found.claims == {"exp": 60, "iat": 0}


def test_an_unsigned_token_has_an_empty_signature() -> None:
    assert read(f"{part({'alg': 'none'})}.{part({'iss': 'a'})}.").claims == {"iss": "a"}


def test_of_an_encrypted_token_only_the_header_is_read() -> None:
    found = read(f"{part({'alg': 'dir', 'enc': 'A128GCM'})}.a.b.c.d")
    assert found.header["enc"] == "A128GCM"
    assert found.claims is None


def test_claims_that_are_no_object_are_not_read() -> None:
    assert read(f"{HEADER}.{part(b'secret')}.c2ln").claims is None
    assert read(f"{HEADER}.{part([1])}.c2ln").claims is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b.c",
        f"{HEADER}.{part({})}",
        f"{HEADER}.{part({})}.a.b",
        f"{part({'typ': 'JWT'})}.{part({})}.c2ln",
        f"{part([1])}.{part({})}.c2ln",
        f"{HEADER}.{part({})}.a b",
        f"{HEADER}.{part({})}.c2ln\n",
        f"{HEADER}=.{part({})}.c2ln",
    ],
)
def test_anything_else_is_no_jwt(token: str) -> None:
    with pytest.raises(JwtError):
        read(token)


@given(
    st.text()
    | st.binary().map(lambda data: data.decode("latin-1"))
    | st.lists(st.binary().map(part) | st.just(HEADER), max_size=5).map(".".join)
)
@example(f"{part(b'[' * 4000)}.a.b")
@example(f"{HEADER}.{part(b'[' * 100_000)}.b")
@example(f"{HEADER}.{part(b'{' + bytes([34, 97, 34, 58]) * 9000)}.b")
@example("\ud800.a.b")
def test_nothing_but_its_own_error_comes_of_any_text(token: str) -> None:
    with suppress(JwtError):
        read(token)
