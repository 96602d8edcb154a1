from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from planted import EXAMPLES, SHOWN_IN_HEADERS, SHOWN_IN_TEXT, Secret, secrets
from wiretape.recorder.log.records import (
    AnyRecord,
    Body,
    Content,
    Error,
    Event,
    Mark,
    Request,
    Response,
)
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.recorder.redaction.tripwire import Leak, Tripwire

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = "5f1e2d3c4b5a69788796a5b4:Ab3dEf6hIj9lMn0P:zYx9Wv8uT7sR6qP5oN4mL3kJ2iH1gF0e"
TRIPWIRE = Tripwire()


def request(url: str = "https://a.example/", body: Body | None = None, **headers: str) -> Request:
    return Request(
        at=NOW,
        t=0.0,
        exchange=1,
        connection="c1",
        method="POST",
        url=url,
        http="HTTP/1.1",
        headers=tuple(headers.items()),
        body=body,
    )


def event(text: str, *, cut: bool = False) -> Event:
    return Event(
        at=NOW,
        t=0.0,
        exchange=1,
        connection="c1",
        index=0,
        data=Content(text=text, cut=cut),
        size=len(text),
    )


@pytest.mark.parametrize(
    ("record", "field", "rule"),
    [
        (request(url=f"https://a.example/cb?code={TOKEN}"), "url", "parameter"),
        (request(Authorization=f"Bearer {TOKEN}"), "headers Authorization", "authorization"),
        (request(Referer=f"/cb?x=y&access_token={TOKEN}"), "headers Referer", "token"),
        (
            request(body=Body(size=1, sha256="", json=Raw(b'{"client_secret":"a1b2c3d4e5f6"}'))),
            "body",
            "secret",
        ),
        (
            request(body=Body(size=1, sha256="", form=(("code_verifier", "a1b2c3-d4e5f6"),))),
            "body",
            "pkce",
        ),
        (
            request(body=Body(size=1, sha256="", base64="/3Bhc3N3b3JkPWExYjJjM2Q0ZTVmNg==")),
            "body",
            "password",
        ),
        (event(f"/v1/sse/message?sessionId={'0123456789abcdef' * 4}"), "data", "session id"),
        (
            Error(
                at=NOW,
                t=0.0,
                connection="c1",
                kind="dns",
                detail="no user:pa55word1234@h in x://user:pa55word1234@h",
            ),
            "detail",
            "userinfo",
        ),
        (Mark(at=NOW, t=0.0, name="step", detail=f"got {TOKEN}"), "detail", "colon token"),
        (
            Response(
                at=NOW,
                t=0.0,
                exchange=1,
                connection="c1",
                status=200,
                reason="OK",
                http="HTTP/1.1",
                headers=(),
                trailers=(("X-Api-Key", "a1b2c3d4e5f6"),),
            ),
            "trailers X-Api-Key",
            "key",
        ),
    ],
)
def test_a_secret_is_reported_with_its_field_and_rule(
    record: AnyRecord, field: str, rule: str
) -> None:
    leaks = TRIPWIRE.leaks(record)
    assert leaks
    assert {(leak.field, leak.rule) for leak in leaks} == {(field, rule)}


def test_a_leak_tells_the_length_of_the_secret_only() -> None:
    text = '{"secret":"a1b2c3d4e5f6"}'
    assert TRIPWIRE.leaks(event(text)) == (Leak("data", "secret", 12),)


def test_a_jwt_is_looked_into() -> None:
    redacted = Redactor(bytes(32)).text(
        "token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhMWIyYzNkNGU1ZjYifQ.a1b2c3d4e5f6"
    )
    assert TRIPWIRE.leaks(event(redacted)) == ()
    header, payload, signature = redacted.removeprefix("token=").split(".")
    assert TRIPWIRE.leaks(event(f"token={header}.{payload}.a1b2c3d4e5f6"))
    assert TRIPWIRE.leaks(event(f"token={header}.eyJzdWIiOiJhMWIyYzNkNGU1ZjYifQ.{signature}"))
    iss = "eyJpc3MiOiJ4Oi8vYTphMWIyYzNkNGU1ZjZAaCJ9"
    assert TRIPWIRE.leaks(event(f"token={header}.{iss}.{signature}"))


def test_what_is_cut_off_is_not_judged() -> None:
    text = '{"secret":"a1b2c3d4e5f6'
    assert TRIPWIRE.leaks(event(text))
    assert TRIPWIRE.leaks(event(text, cut=True)) == ()
    assert TRIPWIRE.leaks(event(f'{{"secret":"a1b2c3d4e5f6"}}{text}', cut=True))


def test_what_is_too_short_to_carry_a_check_is_not_judged() -> None:
    assert TRIPWIRE.leaks(event('{"password":"hunter2"}')) == ()


@settings(max_examples=EXAMPLES // 5)
@given(st.sampled_from([*SHOWN_IN_TEXT]), secrets())
def test_what_is_redacted_passes(place: str, secret: Secret) -> None:
    redactor = Redactor(bytes(32))
    assert TRIPWIRE.leaks(event(redactor.text(SHOWN_IN_TEXT[place](secret.text)))) == ()


@settings(max_examples=EXAMPLES // 5)
@given(st.sampled_from([*SHOWN_IN_HEADERS]), secrets())
def test_redacted_headers_pass(place: str, secret: Secret) -> None:
    headers = Redactor(bytes(32)).headers(SHOWN_IN_HEADERS[place](secret.text))
    assert TRIPWIRE.leaks(request(**dict(headers))) == ()


@settings(max_examples=EXAMPLES // 5)
@given(st.sampled_from([*SHOWN_IN_TEXT]), st.integers(0, 2**64))
def test_what_is_not_redacted_does_not(place: str, seed: int) -> None:
    secret = f"{seed:016x}.{seed:020d}xY-{seed:030x}"
    assert TRIPWIRE.leaks(event(SHOWN_IN_TEXT[place](secret)))


def test_a_form_is_looked_at_as_it_was_sent() -> None:
    form = tuple(parse_qsl(Redactor(bytes(32)).text(f"token={quote('a1b2c3d4e5f6/=&?+%')}&x=y")))
    assert TRIPWIRE.leaks(request(body=Body(size=1, sha256="", form=form))) == ()
