"""URLs of servers in OAuth's documents and challenges."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.capture.reverse import documents


def shout(name: str, url: str) -> str:
    return url.upper()


def changed(document: Any) -> Any:
    body = json.dumps(document).encode()
    return json.loads(documents.changed(body, documents.is_metadata_url, shout))


def test_urls_of_the_server_change_wherever_they_stand() -> None:
    assert changed(
        {
            "issuer": "https://a",
            "token_endpoint": "https://a/t",
            "authorization_servers": ["https://a", "https://b"],
            "mtls_endpoint_aliases": {"token_endpoint": "https://m/t"},
            "resource": "https://r",
            "jwks_uri": "https://a/keys",
        }
    ) == {
        "issuer": "HTTPS://A",
        "token_endpoint": "HTTPS://A/T",
        "authorization_servers": ["HTTPS://A", "HTTPS://B"],
        "mtls_endpoint_aliases": {"token_endpoint": "HTTPS://M/T"},
        "resource": "HTTPS://R",
        "jwks_uri": "HTTPS://A/KEYS",
    }


@pytest.mark.parametrize(
    "document",
    [
        {"scopes_supported": ["https://a/scope"], "resource_name": "https://a"},
        {"service_documentation": "https://a/docs", "signed_metadata": "e.y.J"},
        {"token_endpoint": None, "resource": 1, "token_endpoint_auth_methods_supported": ["none"]},
        ["https://a"],
        "https://a",
        None,
    ],
)
def test_other_members_stay(document: Any) -> None:
    assert changed(document) == document


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>issuer</html>",
        b'{"issuer": "https://a"',
        b'{"issuer": "\xff"}',
        b'{"issuer":' * 100_000,
        b'{ "issuer" : "HTTPS://A" }\n',
    ],
)
def test_what_is_no_json_or_stays_the_same_stays_to_the_byte(body: bytes) -> None:
    assert documents.changed(body, documents.is_metadata_url, shout) == body


def test_only_the_servers_own_url_of_a_registration_changes() -> None:
    answer = {
        "client_id": "c",
        "redirect_uris": ["https://a/callback"],
        "jwks_uri": "https://a/keys",
        "registration_client_uri": "https://a/register/c",
    }
    body = documents.changed(json.dumps(answer).encode(), documents.is_registration_url, shout)
    assert json.loads(body) == answer | {"registration_client_uri": "HTTPS://A/REGISTER/C"}


@pytest.mark.parametrize(
    ("challenge", "url"),
    [
        ('Bearer resource_metadata="https://a/m", error="invalid_token"', "https://a/m"),
        ('Bearer realm="OAuth",resource_metadata=https://a/m', "https://a/m"),
        ('Bearer error="invalid_token", Resource_Metadata = "https://a/m"', "https://a/m"),
        ('Bearer realm="OAuth"', None),
        ('Bearer not_resource_metadata="https://a/m"', None),
    ],
)
def test_a_challenge_names_metadata(challenge: str, url: str | None) -> None:
    assert documents.resource_metadata(challenge) == url


def test_a_challenge_changes_but_for_its_scope() -> None:
    challenge = (
        'Bearer realm="https://a", scope="https://a/read https://a/\\"write", '
        'resource_metadata="https://a/m", scope=https://a, error_uri="https://a/e"'
    )
    assert documents.challenge(challenge, lambda text: text.replace("https://a", "LOCAL")) == (
        'Bearer realm="LOCAL", scope="https://a/read https://a/\\"write", '
        'resource_metadata="LOCAL/m", scope=https://a, error_uri="LOCAL/e"'
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["issuer", "token_endpoint", "scope", "a"]) | st.text(), inner
        )
    ),
)


@given(JSON)
def test_a_change_and_its_opposite_give_the_same_document(document: Any) -> None:
    def mark(name: str, url: str) -> str:
        return f"§{url}"

    def unmark(name: str, url: str) -> str:
        return url.removeprefix("§")

    body = json.dumps(document).encode()
    marked = documents.changed(body, documents.is_metadata_url, mark)
    back = documents.changed(marked, documents.is_metadata_url, unmark)
    assert json.loads(back) == document
