"""Where secrets are seen, and where they are not."""

import json
import time
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wiretape.recorder.redaction.places import places
from wiretape.recorder.redaction.rules import DEFAULT

FIND = places(DEFAULT)

SECRET = "hV7-2kQ.pL9:x4~Z"
RANDOM = "SplxlOBeZQQYbYS6WxSbIA"
COLONS = "5f1e2d3c4b5a69788796a5b4:Ab3dEf6hIj9lMn0P:zYx9Wv8uT7sR6qP5oN4mL3kJ2iH1gF0e"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"
KEY = "MIIEowIBAAKCAQEAx4Y3nbX0Zp"


def found(text: str) -> list[str]:
    return [place.plain for place in sorted(FIND.find(text))]


NAMES = [
    *("access_token", "accessToken", "access-token", "ACCESS_TOKEN", "AccessToken", "token"),
    *("refresh_token", "id_token", "registration_access_token", "subject_token", "actorToken"),
    *("atlassian_access_token", "csrf-token", "client_secret", "clientSecret", "secret"),
    *("password", "new_password", "passwd", "passphrase", "api_key", "apiKey", "x-api-key"),
    *("code_verifier", "codeChallenge", "client_id", "device_code", "user_code", "assertion"),
    *("client_assertion", "session_id", "sessionId", "Mcp-Session-Id", "PHPSESSID"),
    *("private_key", "AWS_SECRET_ACCESS_KEY", "authorization", "authCode"),
]


@pytest.mark.parametrize(
    "form",
    [
        '{{"{}":"{}"}}',
        '{{"{}" : "{}", "x": 1}}',
        '{{\n  "{}": "{}"',
        "{{'{}': '{}'}}",
        '{{\\"{}\\":\\"{}\\"}}',
        '{{\\\\\\"{}\\\\\\": \\\\\\"{}\\\\\\"}}',
        "{{\\u0022{}\\u0022:\\u0022{}\\u0022}}",
        "{{&quot;{}&quot;:&quot;{}&quot;}}",
        "%7B%22{}%22%3A%22{}%22%7D",
        "{}={}",
        "a=b&{}={}&c=d",
        "https://app.example/x?{}={}#top",
        "https://app.example/x#{}={}",
        "\\u0026{}={}\\u0026c=d",
        "&amp;{}={}&amp;c=d",
        "next=https%3A%2F%2Fb.example%3Fa%3Db%26{}%3D{}%26c%3Dd",
        "u=%252F%253F{}%253D{}%2526c",
        "user[{}]={}&commit=x",
        "user%5B{}%5D={}",
        '{} = "{}"',
        "{}: '{}'",
        "<{}>{}</x>",
        '<input name="{}" value="{}">',
        '{{"name": "{}", "value": "{}"}}',
        'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--b--',
    ],
)
def test_a_secret_stands_after_its_name(form: str) -> None:
    for name in NAMES:
        assert found(form.format(name, SECRET)) == [SECRET], name


@pytest.mark.parametrize("name", ["code", "state", "nonce", "session", "sid", "ticket", "sig"])
@pytest.mark.parametrize(
    "form", ["{}={}", "?a=b&{}={}", "/cb?{}={}&x=y", "%3F{}%3D{}%26x", "u0026x\\u0026{}={}"]
)
def test_a_parameter_of_a_grant_is_secret_in_a_query(form: str, name: str) -> None:
    assert found(form.format(name, "af0if-jsldkj")) == ["af0if-jsldkj"]


@pytest.mark.parametrize("name", ["code", "state", "nonce", "session"])
def test_elsewhere_it_is_one_if_it_looks_random(name: str) -> None:
    assert found(f'{{"{name}":"{RANDOM}"}}') == [RANDOM]
    for value in ("too_small", "open", "2025-01-01 and so on 12", "-32600", "in_progress_for_ever"):
        assert found(f'{{"{name}":"{value}"}}') == []
        assert found(f"the {name}={value} there") == []


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        (f"got {JWT}, then", [JWT]),
        (f"%20{JWT}", [JWT]),
        (f"\\n{JWT}\\n", [JWT]),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOi", ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOi"]),
        ("eyJhbGciOiJSUzI1NiJ9.a.b.c.d", ["eyJhbGciOiJSUzI1NiJ9.a.b.c.d"]),
        (f"EYJ {JWT}", [JWT]),
        (f"uses {COLONS} there", [COLONS]),
        (f'["x","\\n{COLONS}"]', [COLONS]),
        (f"q=%3A{COLONS}", [COLONS]),
        (f'["authorization", "Bearer {RANDOM}"]', [RANDOM]),
        (f"bearer%20{RANDOM}", [RANDOM]),
        ("Basic " + b64encode(b"alice:hunter2").decode(), [b64encode(b"alice:hunter2").decode()]),
        ("postgres://alice:hunter2@db.example/x", ["alice:hunter2"]),
        (f"Authorization: Bearer {RANDOM}\nHost: x", [f"Bearer {RANDOM}"]),
        ("Cookie: a=b; sid=c d\nHost: x", ["a=b; sid=c d"]),
        ("Set-Cookie: sid=abc; Path=/\\r\\n", ["sid=abc; Path=/"]),
        ("X-Api-Key: 1a2b3c4d", ["1a2b3c4d"]),
        (f"{{token: '{SECRET}'}}", [SECRET]),
        (f'{{"token":{{"type":"bearer","n":1,"value":"{RANDOM}"}}}}', [RANDOM]),
        (f'{{"token" : {{ "a": null, "value" : "{COLONS}", "b": {{}} }} }}', [COLONS]),
        (f'{{\\"secret\\":{{\\"a\\":\\"b\\",\\"value\\":\\"{RANDOM}\\"}}}}', [RANDOM]),
        (f'{{"apiKey":[{{"value":"{RANDOM}"}}]}}', [RANDOM]),
        (f'{{"token":{{"password":"hunter2","value":"{RANDOM}"}}}}', ["hunter2", RANDOM]),
        (f"{{'token': {{'value': '{RANDOM}'}}}}", [RANDOM]),
        (f'{{"tokens":["{RANDOM}","{COLONS}"],"x":"y"}}', [RANDOM, COLONS]),
        (f'{{"api_keys":["{RANDOM}"]}}', [RANDOM]),
        (f"https://maps.example/api?key={RANDOM}&q=x", [RANDOM]),
        (f'{{"url":"https://maps.example/api?q=x\\u0026key={RANDOM}"}}', [RANDOM]),
        (f"next=https%3A%2F%2Fmaps.example%2Fapi%3Fkey%3D{RANDOM}%26q%3Dx", [RANDOM]),
        (f"key={RANDOM}&q=x", [RANDOM]),
        ('{"api_tokens":1,"token":["abc", "def" , "ghi"],"x":"y"}', ["abc", "def", "ghi"]),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", ["ghp_16C7e42F292c6912E7710c838347Ae178B4a"]),
        ("\\nsk-proj-abc123def456ghi789", ["sk-proj-abc123def456ghi789"]),
        ("ATATT3xFfGF0ab12cd34ef56=0A1B2C3D.", ["ATATT3xFfGF0ab12cd34ef56=0A1B2C3D"]),
        (
            f"-----BEGIN PRIVATE KEY-----\n{KEY}\n{KEY}==\n-----END PRIVATE KEY-----",
            [f"\n{KEY}\n{KEY}==\n"],
        ),
        (f'"-----BEGIN EC PRIVATE KEY-----\\n{KEY}\\n{KEY}', [f"\n{KEY}\n{KEY}"]),
        (f'{{\\"-----BEGIN RSA PRIVATE KEY-----\\\\n{KEY}\\\\n-----END', [f"\n{KEY}\n"]),
    ],
)
def test_a_secret_is_known_by_its_shape(text: str, secrets: list[str]) -> None:
    assert found(text) == secrets


@pytest.mark.parametrize(
    "text",
    [
        '{"token_type":"bearer","expires_in":3300,"scope":"read:jira-work offline_access"}',
        '{"token_endpoint":"https://a.example/token","token_endpoint_auth_method":"none"}',
        '{"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"]}',
        '{"grant_types_supported":["authorization_code","refresh_token"]}',
        '{"response_types_supported":["code"],"code_challenge_methods_supported":["S256"]}',
        '{"authorization_endpoint":"https://a.example/authorize","issuer":"https://a.example"}',
        '{"client_id_issued_at":1,"client_secret_expires_at":0,"code_challenge_method":"S256"}',
        '{"client_id":"https://app.example/client.json","redirect_uris":["http://127.0.0.1/cb"]}',
        "client_id=https%3A%2F%2Fapp.example%2Fclient.json&response_type=code&scope=a+b",
        "grant_type=refresh_token&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb",
        f'{{"_meta":{{"progressToken":"{RANDOM}"}}}}',
        f'{{"nextCursor":"{JWT}"}}',
        f'{{\\"nextPageToken\\":\\"{JWT}\\"}}',
        f"?cursor={JWT}&page_token={RANDOM}",
        f'{{"nextPageToken":"{RANDOM}","continuationToken":"{RANDOM}","pageToken":"{RANDOM}"}}',
        '{"jsonrpc":"2.0","id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","method":"tools/call"}',
        '{"error":{"code":-32600,"message":"Invalid token: x"},"state":"open"}',
        '{"token":null,"password":true,"secret":12345,"session":{"id":1},"token":""}',
        '{"token":"none","x-atlassian-token":"no-check"}',
        'Bearer realm="OAuth", error="invalid_token", error_description="Missing or invalid"',
        'Bearer resource_metadata="https://a.example/.well-known/oauth-protected-resource/v1"',
        'Bearer resource_metadata=\\"https://a.example/.well-known/oauth-protected-resource/v1\\"',
        "The Bearer authentication scheme, Basic authentication, and a token: the one you have",
        "GET /issues?state=open&code=200&ticket=DEMO-12&session=new HTTP/1.1",
        "project = DEMO AND state = closed AND code=abc",
        "urn:ietf:params:oauth:grant-type:token-exchange, sha256:0123456789abcdef0123456789abcdef",
        "ari:cloud:jira:4d1b2c3a-0000-4000-8000-0123456789ab:issue/10000",
        "risk-0123456789abcdef0123, task-0123456789abcdef0123, DISK-0123456789abcdef0123",
        "eyJvZmZzZXQiOjEwfQ== and eyJvZmZzZXQiOjEwfQ.more",
        "https://a.example:8080/path@v2 and git@host.example:repo and http://[::1]:80/",
        '{"properties":{"token":{"type":"string"},"code":{"type":"integer"}},"required":["token"]}',
        '{"token":{"type":"string","format":"date-time","$ref":"#/definitions/Token2OfTheRequest"}}',
        '{"secret":{"pattern":"^[A-Za-z0-9_-]{20,}$","example":"2026-01-01T00:00:00.123456Z"}}',
        '{"token":{"expires":"2026-01-01T00:00:00+00:00","issuer":"https://a.example/issuer/1234"}}',
        f'{{"session":{{"id":"{RANDOM}"}},"state":{{"value":"{RANDOM}"}}}}',
        '{"tokens":["the","2026-01-01T00:00:00Z","customfield_10010"],"max_tokens":"4096"}',
        "?key=DEMO-12&a=b&key=customfield_100100010&key=com.example.jira.plugin.system7:float",
        f'{{"key":"{RANDOM}","issueKey":"{RANDOM}"}} monkey={RANDOM}',
        "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAx4Y3nbX0Zp\n-----END CERTIFICATE-----",
        "",
    ],
)
def test_what_is_no_secret_is_not_taken_for_one(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("X-Atlassian-Token", "no-check"), ("Client-Id", "https://app.example/client.json")),
        *(("WWW-Authenticate", "Bearer"), ("State", "open"), ("Content-Type", "text/html")),
        *(("Last-Event-ID", "12"), ("X-Request-Id", RANDOM), ("Sec-WebSocket-Key", RANDOM)),
        *(("Idempotency-Key", RANDOM), ("Surrogate-Key", RANDOM), ("X-Routing-Key", "orders")),
    ],
)
def test_a_header_that_holds_no_secret(name: str, value: str) -> None:
    assert FIND.header(name, value) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "proxy-authorization", "Cookie", "SET-COOKIE", "Mcp-Session-Id"),
        *("X-Api-Key", "Api-Key", "X-Auth-Token", "X-Amz-Security-Token", "DPoP", "X-Acme-Secret"),
        *("X-Csrf-Token", "X-Acme-Api-Key", "Ocp-Apim-Subscription-Key", "Private-Token"),
        *("X-Goog-IAP-JWT-Assertion", "X-Vault-Token", "X-Auth-Key", "X-Amzn-Session-Id"),
        *("X-Functions-Key", "DD-API-KEY", "DD-APPLICATION-KEY", "X-Shopify-Access-Token"),
        *("X-Master-Key", "x-ms-blob-key", "AppKey", "X-Pass", "X-Pwd", "X-OTP", "X-Session"),
        *("X-Credential", "X-Credentials", "X-Hub-Signature-256", "Stripe-Signature", "Key"),
    ],
)
def test_a_header_that_holds_a_secret(name: str) -> None:
    place = FIND.header(name, RANDOM)
    assert place is not None
    assert place.plain == RANDOM


@pytest.mark.parametrize("name", ["X-Pass", "X-Pwd", "X-OTP", "X-Credentials"])
def test_a_header_that_names_a_password_holds_one_however_short(name: str) -> None:
    place = FIND.header(name, "1234")
    assert place is not None


def test_names_may_stand_where_upper_case_letters_have_no_lower_case_of_their_length() -> None:
    assert found(f'İ {{"ACCESS_TOKEN":"{SECRET}"}}') == [SECRET]


@given(st.text(), st.text('"\\:=&%? \n', max_size=6), st.sampled_from(["token", "code", "cookie"]))
@example("eyJ", ".", "token")
def test_places_lie_in_the_text_and_hold_what_they_say(a: str, b: str, name: str) -> None:
    text = f"{a}{name}{b}{a}{b}{name}={quote(a)}{json.dumps({name: a})}"
    text = text.encode("utf-8", "replace").decode()
    for place in FIND.find(text):
        assert 0 <= place.start <= place.end <= len(text)
        if place.quoting.kind == "plain" and place.kind != "basic":
            assert text[place.start : place.end] == place.plain


@pytest.mark.parametrize(
    "piece",
    [
        *('"', "\\", '\\"', "eyJ", "eyJ.", "eyJ.eyJ.", "a=", "token=", "token: ", '"token":', "=%"),
        *(
            '"token":"',
            '"token":"\\',
            '\\"token\\":"',
            "\\\\\\u0022",
            '"token":["a",',
            '"token":{"a":"',
            '"token":{"a":1,',
            '"token":[{',
            '"tokens":["a",',
            "&key=",
            "key=a",
            "code%3D%3D",
        ),
        *(
            "Bearer ",
            "Basic ",
            "://",
            "://a:",
            "://a@",
            "-----BEGIN PRIVATE KEY-----",
            "sk-",
            "AKIA",
        ),
        *("cookie: ", "cookie: a=", "authorization: ", ":aaaaaaaa", "%", "%25", "%22token%22:%22"),
        *(
            "<token>",
            "<token>a",
            'name="token" ',
            'name="token" a="b" ',
            "&quot;token&quot;:&quot;",
        ),
        *(
            "token" + " " * 30,
            "token=\\",
            "{",
            "[",
            "a",
            "a:",
            "1",
            " ",
            "\n",
            "é",
            'token"\r\n',
            "x@",
        ),
        *('name="token"\r\n\r\n', 'name="token"\r\na\r\n', "token]=", "token%5D", "'token':'\\'"),
    ],
)
def test_no_megabyte_takes_more_than_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    FIND.find(text)
    # It takes half a second or less; were the time quadratic, it would take hours.
    assert time.process_time() - start < 10
