import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from arbitrary import BODIES, REQUESTS, RESPONSES
from play import Play
from wiretape.recorder.log.exchanges import Exchange, Lines
from wiretape.recorder.log.oauth import bearer, client_id, location, parameters, step
from wiretape.recorder.log.records import Body, Content, Request, Response

AS = "https://auth.example.com"


def one(method: str, url: str, **how: Any) -> Exchange:
    """An exchange; what begins with `answer_` is the answer's."""
    answer = {key.removeprefix("answer_"): how.pop(key) for key in [*how] if "answer_" in key}
    play = Play()
    play.answer(play.request(method, url, **how), **answer)
    return play.exchanges()[0]


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (one("GET", f"{AS}/.well-known/oauth-authorization-server"), "server metadata"),
        (one("GET", f"{AS}/.well-known/oauth-authorization-server/t"), "server metadata"),
        (one("GET", f"{AS}/t/.well-known/openid-configuration"), "server metadata"),
        (one("GET", f"{AS}/.well-known/oauth-protected-resource/mcp"), "resource metadata"),
        (one("POST", f"{AS}/r", json={"redirect_uris": ["http://localhost"]}), "registration"),
        (one("GET", f"{AS}/a?response_type=code&client_id=c&state=s"), "authorization"),
        (
            one("POST", f"{AS}/ok", answer_headers={"Location": "http://l/?code=c&state=s"}),
            "authorization",
        ),
        (one("GET", "http://l/back?code=c&state=s"), "callback"),
        (one("GET", "http://l/back?error=access_denied&state=s"), "callback"),
        (one("POST", f"{AS}/t", form={"grant_type": "refresh_token"}), "token"),
        (one("POST", f"{AS}/t", json={"grant_type": "authorization_code"}), "token"),
        (one("POST", f"{AS}/x", form={"token": "t"}), "revocation"),
        (one("POST", f"{AS}/x", form={"token": "t"}, answer_json={"active": 1}), "introspection"),
        (one("OPTIONS", f"{AS}/.well-known/oauth-authorization-server"), None),
        (one("POST", f"{AS}/mcp", json={"jsonrpc": "2.0", "method": "x"}), None),
        (one("POST", f"{AS}/api", json={"token": "t"}), None),
        (one("GET", f"{AS}/error?code=404"), None),
        (one("GET", f"{AS}/"), None),
    ],
)
def test_steps_are_known_by_what_they_carry(exchange: Exchange, expected: str | None) -> None:
    assert step(exchange) == expected


def test_parameters_are_a_forms_or_a_json_objects_texts() -> None:
    assert parameters(one("POST", AS, form={"a": "1"}).request.body) == {"a": "1"}
    assert parameters(one("POST", AS, json={"a": "1", "b": 2}).request.body) == {"a": "1"}
    assert parameters(None) == parameters(Content(text="a=1")) == {}


@pytest.mark.parametrize(
    ("value", "token"),
    [("Bearer t", "t"), ("bearer  t", "t"), ("Basic t", None), ("Bearer", None), (None, None)],
)
def test_the_bearer_is_the_token_of_the_header(value: str | None, token: str | None) -> None:
    assert bearer(one("GET", AS, headers={"Authorization": value})) == token


def test_a_token_requests_client_is_named_in_the_body_or_by_basic_authentication() -> None:
    basic = base64.b64encode(b"a%3Ab:secret").decode()
    assert client_id(one("POST", AS, form={"client_id": "c"})) == "c"
    assert client_id(one("POST", AS, headers={"Authorization": f"Basic {basic}"})) == "a:b"
    assert client_id(one("POST", AS, headers={"Authorization": "Basic !"})) is None
    assert client_id(one("POST", AS)) is None


def test_a_location_is_absolute() -> None:
    assert location(one("GET", f"{AS}/a", answer_headers={"Location": "/b"})) == f"{AS}/b"
    assert location(one("GET", AS)) is None


@given(REQUESTS, st.none() | RESPONSES, BODIES)
def test_nothing_valid_raises(request: Request, response: Response | None, body: Body) -> None:
    exchange = Exchange(request=request, response=response, lines=Lines(request=2))
    step(exchange)
    bearer(exchange)
    client_id(exchange)
    location(exchange)
    assert body.json is not UNSET or body.form is not None or parameters(body) == {}
