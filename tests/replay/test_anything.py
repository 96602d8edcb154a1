"""Whatever a service is asked, it answers, in what can be sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remembering import remembering
from replayed import CALLBACK, PROFILES, Caller, changed, shipped
from wiretape.analysis.profile.texts import JsonText
from wiretape.replay.http.routes import routes_of
from wiretape.replay.service import Choices

_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_PLAIN = st.none() | st.booleans() | st.integers() | st.dictionaries(st.text(), st.integers())
_MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "id": _JSON,
        "method": st.sampled_from(["initialize", "tools/list", "tools/call", "resources/read"])
        | st.text(),
        "params": _JSON,
        "result": _JSON,
    },
)
_BODIES = st.binary(max_size=64) | (_JSON | _MESSAGES).map(lambda value: json.dumps(value).encode())
_HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(["application/json", "application/x-www-form-urlencoded"]),
        "authorization": st.sampled_from(["Bearer x", "Basic =", "Basic /w==", "Bearer"]),
        "origin": st.sampled_from(["https://page.example", "null"]),
        "access-control-request-method": st.just("POST"),
        "mcp-session-id": st.text(max_size=5),
        "x-atlassian-cloud-id": st.text(max_size=5),
        "cookie": st.text(max_size=5) | st.sampled_from(["wiretape_user=user-1", "wiretape_user="]),
    },
)
CALLERS = [
    *(
        Caller(shipped(name))
        for name in ("atlassian-2025-08", "atlassian-2026-03", "atlassian-gateway")
    ),
    remembering(PROFILES.parent / "recordings" / "mcp-atlassian.jsonl"),
]


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.profile.name)
@given(data=st.data())
def test_everything_is_answered(caller: Caller, data: st.DataObject) -> None:
    routes = routes_of(caller.profile)
    places = [*routes.roles, *routes.documents, ("https://mcp.atlassian.com", "/v1/sse/message")]
    site, path = data.draw(st.sampled_from(places))
    method = data.draw(st.sampled_from(["GET", "POST", "DELETE", "OPTIONS", "PUT"]))
    query = data.draw(st.sampled_from(["", "?sessionId=x", "?client_id=%ff&state=%0d%0a", "?;&=&"]))
    reply = caller.ask(method, site + path + query, data.draw(_BODIES), data.draw(_HEADERS))
    assert 200 <= reply.status < 500
    for name, value in reply.headers:
        assert name == name.lower()
        assert value.encode("latin-1")
        assert not {"\r", "\n"} & set(value)


_URLS = st.sampled_from(
    ["http://[", "", "x", "https://mcp.atlassian.com", "https://b.test:99999/x"]
)
_TOLD = st.sampled_from(
    [
        "issuer",
        "jwks_uri",
        "resource",
        "authorization_servers",
        "authorization_endpoint",
        "token_endpoint",
        "registration_endpoint",
        "scopes_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
    ]
)
_METADATA = st.dictionaries(_TOLD, _URLS | st.lists(_URLS) | _PLAIN) | st.lists(_PLAIN, max_size=2)


@given(
    server=_METADATA,
    resource=_METADATA,
    choices=st.sampled_from([Choices(), Choices(issuer="consistent", vary=3)]),
)
def test_whatever_metadata_was_recorded(server: Any, resource: Any, choices: Choices) -> None:
    documents = {
        "server_metadata_document": JsonText.of(server),
        "resource_metadata_document": JsonText.of(resource),
    }
    caller = Caller(changed(shipped("atlassian-2026-03"), discovery=documents), choices)
    known = routes_of(caller.service.world.profile)
    replies = [caller.ask("GET", site + path) for site, path in (*known.roles, *known.documents)]
    asked = {"redirect_uris": [CALLBACK]}
    replies += [
        caller.post_json(url, asked) for url in (caller.profile.endpoints.registration,) if url
    ]
    assert all(reply.status < 500 for reply in replies)


@given(uri=st.text(min_size=1, max_size=12))
def test_where_a_browser_is_sent_can_be_written(uri: str) -> None:
    caller = CALLERS[0]
    back = f"https://app.example/{uri}"
    body = {"redirect_uris": [back]}
    endpoint = caller.profile.endpoints.registration or ""
    reply = caller.ask("POST", endpoint, json.dumps(body).encode())
    if reply.status == 201:
        sent = caller.authorize(json.loads(reply.body), redirect_uri=back)
        location = dict(sent.headers)["location"]
        assert location.isascii()
        assert location.isprintable()
