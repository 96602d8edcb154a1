import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.redaction.pseudonym import CHECKED, KEY_BYTES, is_pseudonym
from wiretape.recorder.redaction.redactor import Redactor

KEY = bytes(range(32))
TOKEN = "5f1e2d3c4b5a69788796a5b4:Ab3dEf6hIj9lMn0P:zYx9Wv8uT7sR6qP5oN4mL3kJ2iH1gF0e"
SESSION = "0123456789abcdef" * 4


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(KEY)


def header(redactor: Redactor, name: str, value: str) -> str:
    return redactor.headers([(name.encode(), value.encode("latin-1"))])[0][1]


def token_answer(access: str) -> str:
    return json.dumps({"access_token": access, "token_type": "bearer", "expires_in": 3300})


def test_a_token_answer_keeps_its_form(redactor: Redactor) -> None:
    redacted = json.loads(redactor.text(token_answer(TOKEN)))
    assert redacted["token_type"] == "bearer"
    assert redacted["expires_in"] == 3300
    assert [len(part) for part in redacted["access_token"].split(":")] == [24, 16, 32]
    assert all(
        new != old
        for new, old in zip(redacted["access_token"].split(":"), TOKEN.split(":"), strict=True)
    )


def test_a_text_without_secrets_is_the_same_text(redactor: Redactor) -> None:
    text = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
    assert redactor.text(text) is text


def test_headers_keep_names_order_and_duplicates(redactor: Redactor) -> None:
    pairs = [
        (b"aCCept", b"*/*"),
        (b"Accept", b"text/html"),
        (b"X-\xe9", b"\xe9"),
        (b"aCCept", b"*/*"),
    ]
    assert redactor.headers(pairs) == tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs
    )


def test_what_one_header_shows_is_found_in_those_before_and_after(redactor: Redactor) -> None:
    pairs = [(b"X-Echo", TOKEN.encode()), (b"Authorization", b"Bearer " + TOKEN.encode())] * 2
    values = [value for _, value in redactor.headers(pairs)]
    assert values[0] == values[2] == values[1].removeprefix("Bearer ")
    assert values[0] != TOKEN


def test_headers_seen_before_a_secret_was_known_are_looked_at_again(redactor: Redactor) -> None:
    assert header(redactor, "X-Debug", SESSION) == SESSION
    redactor.text(f"/v1/sse/message?sessionId={SESSION}")
    assert header(redactor, "X-Debug", SESSION) != SESSION


def test_many_different_headers_are_no_burden(redactor: Redactor) -> None:
    for number in range(5000):
        assert header(redactor, "X-Number", str(number)) == str(number)


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_basic_credentials_stay_basic_credentials(redactor: Redactor, encode: Any) -> None:
    secret = "s3cr\N{LATIN SMALL LETTER E WITH ACUTE}t>>?~~~"
    encoded = encode(f"my-client:{secret}".encode()).decode()
    redacted = header(redactor, "authorization", f"bAsIc {encoded}")
    scheme, _, credentials = redacted.partition(" ")
    assert scheme == "bAsIc"
    decode = b64decode if encode is b64encode else urlsafe_b64decode
    user, _, password = decode(credentials).decode().partition(":")
    assert user != "my-client"
    assert len(user) == len("my-client")
    assert len(password) == len(secret.encode())
    assert redactor.text(f"client_secret={secret}") == f"client_secret={password}"
    assert redactor.text(f"it was {encoded}") == f"it was {credentials}"


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        (f"Bearer {TOKEN}", "Bearer "),
        (f"DPoP {TOKEN}", "DPoP "),
        (f"Negotiate {TOKEN}", "Negotiate "),
        (f"S3cr3t {TOKEN}", ""),
        ("Basic no-base64!", "Basic "),
        (TOKEN, ""),
        (f"Bearer%20{TOKEN}", "Bearer%20"),
    ],
)
def test_a_scheme_stays_and_the_credentials_go(
    redactor: Redactor, value: str, pattern: str
) -> None:
    redacted = header(redactor, "Authorization", value)
    assert redacted.startswith(pattern)
    assert len(redacted) == len(value)
    assert not set(redacted.removeprefix(pattern).split(":")) & set(value.split(":"))


def test_a_cookie_keeps_its_name_and_attributes(redactor: Redactor) -> None:
    first = header(
        redactor,
        "Set-Cookie",
        'sid="Zx81-kQ2"; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT, b=Yz92lR3m; Secure',
    )
    sid, b = first.split('"')[1], first.split("b=")[1].split(";")[0]
    assert first == (f'sid="{sid}"; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT, b={b}; Secure')
    assert {sid, b}.isdisjoint({"Zx81-kQ2", "Yz92lR3m"})
    again = header(redactor, "cookie", "b=Yz92lR3m;sid=Zx81-kQ2; theme=dark; nameless")
    assert again.startswith(f"b={b};sid={sid}; theme=")
    assert "dark" not in again
    assert "nameless" not in again


def test_a_jwt_stays_one_and_its_secrets_are_known(redactor: Redactor) -> None:
    def part(value: object) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    def claims(jwt: str) -> dict[str, Any]:
        payload = jwt.split(".")[1]
        decoded = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert isinstance(decoded, dict)
        return decoded

    header_part = part({"alg": "RS256", "typ": "JWT"})
    body = {"sub": "5f1e2d3c4b5a69788796a5b4", "exp": 1767225600, "aud": SESSION, "up": TOKEN}
    jwt = f"{header_part}.{part(body)}.c2lnbmF0dXJl-c2lnbmF0dXJl"
    redactor.text(f"?sessionId={SESSION}")
    redacted = json.loads(redactor.text(token_answer(jwt)))["access_token"]
    assert redacted.split(".")[0] == header_part
    assert len(redacted.split(".")[2]) == len("c2lnbmF0dXJl-c2lnbmF0dXJl")
    assert claims(redacted)["exp"] == 1767225600
    assert claims(redacted)["aud"] == redactor.text(SESSION) != SESSION
    assert claims(redacted)["up"] == redactor.text(TOKEN) != TOKEN
    assert redactor.text(f"<{jwt}>") == f"<{redacted}>"
    assert header(redactor, "Cookie", f"t={jwt}") == f"t={redacted}"
    # Another token with the same header is another token, and a cookie's JWT is read too.
    assert redactor.text(header_part) == header_part


def test_a_secret_that_is_json_holds_secrets(redactor: Redactor) -> None:
    inner = json.dumps({"access_token": TOKEN, "note": "p@ss w0rd"})
    redacted = json.loads(redactor.text(json.dumps({"secret": inner})))["secret"]
    assert json.loads(redacted).keys() != {"access_token", "note"}
    assert redactor.text(TOKEN) != TOKEN
    assert redactor.text(TOKEN) in redacted


def test_a_secret_of_signs_only_is_replaced_and_found(redactor: Redactor) -> None:
    redacted = json.loads(redactor.text('{"password":"!@#$%^&*()","a":"********"}'))
    assert redacted["password"].isalnum()
    assert redacted["a"] == "********"
    assert json.loads(redactor.text('{"b":"!@#$%^&*()"}'))["b"] == redacted["password"]
    assert redactor.text('{"password":"********"}') == '{"password":"********"}'


def test_what_is_percent_encoded_more_than_needed_may_mean_what_it_says(
    redactor: Redactor,
) -> None:
    redactor.text('{"password":"p%41ss-W0rd%21x"}')
    assert redactor.text("pAss-W0rd!x") != "pAss-W0rd!x"
    assert redactor.text("<p%41ss-W0rd%21x>") != "<p%41ss-W0rd%21x>"


@given(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_a_form_stays_a_form_though_its_client_encodes_more_than_needed(key: bytes) -> None:
    redactor = Redactor(key)
    verifier = "9vTq2Lx7Kd0Zb~Wm4Rj8-Yc1.Hs5Gp3Nf6Ua_Qe0iOoXt7"
    # URLSearchParams encodes the tilde, which RFC 7636 has in a verifier.
    written = redactor.text(f"code_verifier={verifier.replace('~', '%7E')}&code=4711")
    ((name, read), _) = parse_qsl(written, strict_parsing=True)
    assert name == "code_verifier"
    assert [len(part) for part in re.split("[~.]", read)] == [13, 10, 21]
    assert all(is_pseudonym(part) for part in re.split("[~.]", read) if len(part) >= CHECKED)
    assert redactor.text(verifier) == read


def test_lone_surrogates_become_question_marks(redactor: Redactor) -> None:
    assert redactor.text("a\ud800b") == "a?b"
    redacted = redactor.text('{"token":"abc\\ud800defg-1"}')
    assert json.loads(redacted)["token"].isascii()


def test_a_value_that_is_not_quoted_right_is_replaced_as_it_stands(redactor: Redactor) -> None:
    redacted = redactor.text("{'token':'a1b2c3d4\\'e5f6g7h8'}, {\"token\":\"a1b2c3d4\\xe5f6")
    assert redacted.startswith("{'token':'")
    assert redacted.count("\\") == 2
    assert "a1b2c3d4" not in redacted
    assert "e5f6" not in redacted


def test_deep_nesting_is_no_burden(redactor: Redactor) -> None:
    text = "a1b2c3d4e5f6"
    for _ in range(12):
        text = json.dumps({"token": text})
    assert "a1b2c3d4e5f6" not in redactor.text(text)
    assert redactor.text("token=" * 1000 + "a1b2c3d4e5f7").count("a1b2c3d4e5f7") == 0


@given(st.text(), st.text())
def test_any_text_can_be_redacted(one: str, other: str) -> None:
    redactor = Redactor(KEY)
    for text in (one, f"token={one}", json.dumps({"secret": one, "authorization": other})):
        redactor.text(text).encode()
        redactor.url(text).encode()
    data = one.encode("utf-8", "replace")
    for name in (b"Cookie", b"Set-Cookie", b"Authorization", b"X-Api-Key", b"x"):
        redactor.headers([(name, data), (name, b"Basic " + b64encode(data))])


_DOCUMENTS = st.recursive(
    st.text(max_size=20) | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3) | st.sampled_from(["token", "cookie", "code"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(_DOCUMENTS)
def test_json_stays_json(document: Any) -> None:
    redactor = Redactor(KEY)
    for text in (json.dumps(document), json.dumps({"text": json.dumps(document)})):
        json.loads(redactor.text(text))


def test_the_manifest_counts_what_was_replaced(redactor: Redactor) -> None:
    assert redactor.manifest().replaced == {}
    redactor.headers([(b"Authorization", b"Bearer " + TOKEN.encode()), (b"Accept", b"*/*")])
    redactor.headers([(b"Authorization", b"Bearer " + TOKEN.encode()), (b"Accept", b"*/*")])
    redactor.text(token_answer(TOKEN) + f" {TOKEN[:24]} ")
    redactor.url(f"https://a.example/?code={SESSION}")
    manifest = redactor.manifest()
    assert manifest.key_id == redactor.key_id
    assert manifest.secrets == 2
    assert manifest.replaced == {
        "authorization": 2,
        "known secret": 1,
        "parameter": 1,
        "token": 1,
    }


def test_without_a_key_each_redactor_makes_its_own() -> None:
    assert Redactor().key_id != Redactor().key_id
    assert Redactor().text(f"token={TOKEN}") != Redactor().text(f"token={TOKEN}")
