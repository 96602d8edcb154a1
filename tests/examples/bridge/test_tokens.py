"""The bridge's access tokens: what they say, and which are refused."""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

import pytest

from bridge.grants import Grant
from bridge.tokens import BadTokenError, Tokens

BASE = "http://127.0.0.1:8000"
SECRET = b"s" * 32


def a_grant(lifetime: float = 3300) -> Grant:
    ends = time.time() + lifetime
    return Grant("a grant", "a client", "", "upstream's", "upstream's too", "all", ends)


def tokens(*, signed: bool = False, seconds: int | None = None, secret: bytes = SECRET) -> Tokens:
    return Tokens(secret, signed=signed, seconds=seconds)


@pytest.mark.parametrize("signed", [False, True])
def test_a_token_is_for_its_grant(signed: bool) -> None:
    issued, lifetime = tokens(signed=signed).access(a_grant(), BASE)
    assert tokens(signed=signed).grant_of(issued, BASE) == "a grant"
    assert 3300 - 61 <= lifetime <= 3300 - 60


def test_nobody_can_read_the_upstreams_token_unless_it_is_only_signed() -> None:
    encrypted, _ = tokens().access(a_grant(), BASE)
    assert encrypted.count(".") == 4
    signed, _ = tokens(signed=True).access(a_grant(), BASE)
    claims = json.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert claims["atlassian_access_token"] == "upstream's"
    assert claims["exp"] - claims["iat"] in {3239, 3240}


def flipped(token: str) -> str:
    head, _, tail = token.rpartition(".")
    return f"{head}.{'B' if tail[0] == 'A' else 'A'}{tail[1:]}"


def unsigned(claims: dict[str, object]) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*encoded, ""))


@pytest.mark.parametrize("signed", [False, True])
def test_other_tokens_are_refused(signed: bool) -> None:
    own = tokens(signed=signed)
    good, _ = own.access(a_grant(), BASE)
    claims = {"iss": BASE, "aud": f"{BASE}/mcp", "sub": "a grant", "exp": time.time() + 60}
    bad = {
        "none": "",
        "malformed": "x.y.z",
        "upstream's": "upstream's",
        "altered": flipped(good),
        "unsigned": unsigned(claims),
        "expired": own.access(replace(a_grant(), ends=time.time() - 60), BASE)[0],
        "of another key": tokens(signed=signed, secret=b"t" * 32).access(a_grant(), BASE)[0],
        "of another bridge": own.access(a_grant(), "http://127.0.0.1:8001")[0],
        "of the other kind": tokens(signed=not signed).access(a_grant(), BASE)[0],
        "a refresh token": own.refresh(a_grant()) or "",
    }
    for kind, token in bad.items():
        with pytest.raises(BadTokenError):
            assert own.grant_of(token, BASE), kind


@pytest.mark.parametrize(
    ("upstream", "seconds", "own"),
    [(3300, None, 3240), (3300, 30, 30), (20, 30, 10), (90, None, 45), (1, None, 0), (-5, None, 0)],
)
def test_a_token_ends_before_the_upstreams(upstream: float, seconds: int | None, own: int) -> None:
    assert tokens(seconds=seconds).lifetime(upstream) == own


def test_a_refresh_token_is_no_access_token_nor_the_reverse() -> None:
    own = tokens()
    refresh, (access, _) = own.refresh(a_grant()), own.access(a_grant(), BASE)
    assert refresh is not None
    assert own.refresh_of(refresh).grant == "a grant"
    with pytest.raises(BadTokenError):
        own.refresh_of(access)
    assert own.refresh(replace(a_grant(), refresh=None)) is None
