"""What names an issuer, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.analysis.oauth.issuers import made_from, same


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("https://as.example/.well-known/oauth-authorization-server", "https://as.example"),
        ("https://as.example/.well-known/oauth-authorization-server/t/a", "https://as.example/t/a"),
        ("https://as.example/t/.well-known/openid-configuration", "https://as.example/t"),
        ("https://AS.example:443/.well-known/openid-configuration?x=1", "https://as.example"),
        ("https://as.example/metadata", "https://as.example/metadata"),
        ("", ":///"),
    ],
)
def test_what_a_url_was_made_from(url: str, identifier: str) -> None:
    assert made_from(url) == identifier


@pytest.mark.parametrize(
    "other",
    [
        "https://as.example/tenant/",
        "HTTPS://AS.Example/tenant",
        "https://as.example:443/tenant",
        "https://as.example:/tenant",
        "https://as.example/%74enan%74",
    ],
)
def test_other_spellings_of_the_same(other: str) -> None:
    assert same("https://as.example/tenant", other)
    assert same(other, "https://as.example/tenant")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://as.example", "http://as.example"),
        ("https://as.example", "https://as.example:8443"),
        ("https://as.example:80", "https://as.example"),
        ("https://as.example/Tenant", "https://as.example/tenant"),
        ("https://as.example/a%2Fb", "https://as.example/a/b"),
        ("https://as.example", "https://as.example?x=1"),
        ("https://as.example", "as.example"),
        ("https://as.example", ""),
        ("one", "other"),
        ("https://", "http://"),
        ("https://[one", "https://[other"),
    ],
)
def test_what_is_not_the_same(one: str, other: str) -> None:
    assert not same(one, other)


def test_escapes_in_either_case() -> None:
    assert same("https://as.example/a%2fb", "https://as.example/a%2Fb")


@given(st.text() | st.text(alphabet="htps:/[]?#%a1").map("https://".__add__))
def test_whatever_is_said_is_itself(text: str) -> None:
    assert same(text, text)
    made_from(text)
