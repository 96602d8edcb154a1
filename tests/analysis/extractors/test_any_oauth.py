"""Whatever is said at OAuth endpoints, in any order, the extractors conclude something from it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from concluded import findings
from granting import AUTHORIZE, REGISTER, TOKEN, use
from play import Play
from players import MCP

_ODD: st.SearchStrategy[Any] = st.sampled_from([None, 0, [], {}, True, ""])
_JWT = "eyJhbGciOiJub25lIn0.eyJleHAiOjksImlhdCI6MX0."
_TOKENS = st.sampled_from(["a:1", "a:2", "b:1", "c", _JWT])
_DATES = st.sampled_from(
    ["Fri, 29 Aug 2025 02:09:13 GMT", "Fri, 31 Dec 9999 23:59:60 GMT", "Mon, 01 Jan 0001", None]
)
_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "access_token": _TOKENS | _ODD,
        "refresh_token": _TOKENS | _ODD,
        "expires_in": st.sampled_from([0, 1, -1, 1e300, 3.5, "60", "nan", "x"]) | _ODD,
        "scope": st.sampled_from(["a b", "b a", "a"]) | _ODD,
        "token_type": st.just("Bearer") | _ODD,
        "error": st.sampled_from(["invalid_grant", "invalid_client", "<b>"]) | _ODD,
        "client_id": _TOKENS | _ODD,
        "issuer": st.sampled_from(["https://mcp.example.com", "http://[", "x"]) | _ODD,
        "resource": st.just(MCP) | _ODD,
        "authorization_servers": st.just(["https://a.example.com", "http://["]) | _ODD,
        "token_endpoint": st.just(TOKEN) | _ODD,
    },
)
_FORMS = st.fixed_dictionaries(
    {"grant_type": st.sampled_from(["refresh_token", "authorization_code", ""])},
    optional={
        "refresh_token": _TOKENS,
        "code": _TOKENS,
        "scope": st.just("a"),
        "client_secret": st.sampled_from(["", "s"]),
    },
)
_ASKED = st.one_of(
    st.fixed_dictionaries(
        {
            "method": st.just("POST"),
            "url": st.sampled_from([TOKEN, "https://auth.example.org/token", MCP]),
        },
        optional={"form": _FORMS, "json": _FORMS},
    ),
    st.fixed_dictionaries(
        {
            "method": st.just("POST"),
            "url": st.just(REGISTER),
            "json": st.just({"redirect_uris": ["http://localhost/"]}),
        }
    ),
    st.fixed_dictionaries(
        {
            "method": st.just("GET"),
            "url": st.sampled_from(
                [
                    f"{AUTHORIZE}?response_type=code&client_id=c&redirect_uri=http://[",
                    "https://auth.example.org/authorize?response_type=code&client_id=c&scope=a",
                    "https://mcp.example.com/.well-known/oauth-authorization-server/a",
                    "https://mcp.example.com/.well-known/oauth-protected-resource",
                    "http://[/.well-known/openid-configuration",
                ]
            ),
        }
    ),
)
_GIVEN = st.fixed_dictionaries(
    {
        "json": _ANSWERS | st.just([1]) | st.none(),
        "status": st.sampled_from([200, 200, 200, 201, 302, 400, 401, 429, 500]),
        "headers": st.fixed_dictionaries(
            {"Date": _DATES},
            optional={
                "Location": st.sampled_from(["http://[", "/cb?code=a:1&state=s", "?error=x"])
            },
        ),
    }
)
_USES = st.tuples(_TOKENS, st.sampled_from([200, 401]))
_STEPS = st.tuples(_ASKED, _GIVEN) | _USES | st.sampled_from([1.0, 3300.0])


@settings(max_examples=200)
@given(st.lists(_STEPS, max_size=20))
def test_anything_may_be_said(steps: list[Any]) -> None:
    play = Play()
    for step in steps:
        match step:
            case float():
                play.later(step)
            case (str() as token, int() as status):
                use(play, token, status)
            case (asked, given_back):
                play.answer(play.request(**asked), **given_back)
    for each in findings(play).values():
        assert each.evidence
        assert each.low is None or each.high is None or each.low <= each.high
