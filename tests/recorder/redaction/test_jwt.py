import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from wiretape.recorder.redaction.jwt import Readers, rewrite

READERS = Readers(
    claim=lambda text: f"<{len(text)}>",
    number=lambda digits: "9" * len(digits),
    opaque=lambda part: "x" * len(part),
    kept=lambda text: f"={text}",
)


def encode(value: Any, **how: Any) -> str:
    return urlsafe_b64encode(json.dumps(value, **how).encode()).decode().rstrip("=")


def decode(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def rewritten(token: str) -> list[str]:
    concealed = rewrite(token, READERS)
    assert concealed is not None
    return concealed.split(".")


def test_what_an_analysis_needs_stays_and_what_identifies_goes() -> None:
    header = encode({"alg": "RS256", "typ": "JWT", "kid": "k1", "x5t": "abcd"})
    claims = {
        "iss": "https://issuer.example",
        "aud": ["a", "b"],
        "exp": 1767225600,
        "iat": 1767222000.5,
        "scope": "read write",
        "sub": "someone",
        "n": 42,
        "ratio": -10.25,
        "admin": True,
        "none": None,
        "https://vendor.example/account": {"ids": ["1", 23], "exp": 5},
    }
    first, payload, signature = rewritten(f"{header}.{encode(claims)}.c2ln")
    assert decode(first) == {"alg": "=RS256", "typ": "=JWT", "kid": "=k1", "x5t": "<4>"}
    assert decode(payload) == {
        "iss": "=https://issuer.example",
        "aud": ["=a", "=b"],
        "exp": 1767225600,
        "iat": 1767222000.5,
        "scope": "=read write",
        "sub": "<7>",
        "n": 99,
        "ratio": -99.0,
        "admin": True,
        "none": None,
        "https://vendor.example/account": {"ids": ["<1>", 99], "exp": 5},
    }
    assert signature == "xxxx"


def test_a_part_in_which_nothing_changes_stays_as_it_was_written() -> None:
    readers = READERS._replace(kept=str)
    header = encode({"alg": "none"}, indent=3)
    assert rewrite(f"{header}.{encode({'exp': 1}, indent=3)}.", readers) == (
        f"{header}.{encode({'exp': 1}, indent=3)}."
    )


def test_of_an_encrypted_token_only_the_header_is_read() -> None:
    header = encode({"alg": "RSA-OAEP", "enc": "A256GCM", "epk": {"kty": "EC", "x": "abc"}})
    first, *rest = rewritten(f"{header}.aaaa.bb.cccccc.dd")
    assert decode(first)["epk"] == {"kty": "=EC", "x": "<3>"}
    assert rest == ["xxxx", "xx", "xxxxxx", "xx"]


@pytest.mark.parametrize(
    "payload",
    [
        "eyJzdWIiOi",
        encode(["a"]),
        encode(float("nan")),
        urlsafe_b64encode(b'{"a":' + b"[" * 100_000).decode(),
        urlsafe_b64encode(b'{"a":1e999}').decode(),
        urlsafe_b64encode(b'{"a":' + b"9" * 5000 + b"}").decode(),
    ],
)
def test_a_payload_that_cannot_be_read_is_opaque(payload: str) -> None:
    readers = READERS._replace(claim=str)
    header = encode({"alg": "RS256"})
    concealed = rewrite(f"{header}.{payload.rstrip('=')}.c2ln", readers)
    assert concealed is not None
    assert concealed.split(".")[1] == "x" * len(payload.rstrip("="))


@pytest.mark.parametrize("header", ["", "eyJh", encode("RS256"), "____"])
def test_what_has_no_header_is_no_token(header: str) -> None:
    assert rewrite(f"{header}.{encode({'a': 1})}.c2ln", READERS) is None
