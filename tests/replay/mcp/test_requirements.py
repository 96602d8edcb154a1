"""What a request of streamable HTTP must have, and how it is refused for what it lacks."""

import json

import pytest

from replayed import header, shipped
from speaking import VERSION, Speaker, altered, message
from wiretape.analysis.profile.texts import BodyText
from wiretape.analysis.profile.values import Answer

BOTH = "application/json, text/event-stream"


@pytest.fixture
def client() -> Speaker:
    found = Speaker("atlassian-2026-03")
    found.begin()
    return found


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (BOTH, 200),
        ("text/event-stream;q=0.5,APPLICATION/JSON", 200),
        ("*/*", 200),
        ("application/*, text/*", 200),
        ("application/json", 406),
        ("text/event-stream", 406),
        ("text/html", 406),
        ("", 406),
    ],
)
def test_a_post_must_accept_both_kinds_of_answers(
    client: Speaker, accept: str, status: int
) -> None:
    reply = client.post(message("ping", 1), accept=accept)
    assert reply.status == status
    if status == 406:
        said = json.loads(reply.body)
        assert (said["id"], said["error"]["code"]) == (None, -32600)
        assert "must accept both" in said["error"]["message"]


@pytest.mark.parametrize(
    ("accept", "status"), [("text/event-stream", 200), ("*/*", 200), ("application/json", 406)]
)
def test_a_get_must_accept_events(client: Speaker, accept: str, status: int) -> None:
    assert client.get(accept=accept).status == status


def test_what_accepts_anything_is_refused_only_if_it_is_known_to_be(client: Speaker) -> None:
    assert client.say("ping", 1).status == 200
    refusal = Answer(status=406, accept=("", "*/*"), media_type="text/plain")
    strict = Speaker(altered("atlassian-2026-03", transport__wrong_accept=refusal))
    assert strict.say("initialize", 1).status == 406
    assert strict.post(message("initialize", 1), accept="*/*").status == 406
    assert strict.post(message("initialize", 1), accept=BOTH).status == 200


def test_a_get_has_a_refusal_of_its_own() -> None:
    refusal = Answer(status=400, accept=("",), media_type="text/plain", body=BodyText("events!"))
    strict = Speaker(altered("atlassian-2026-03", transport__get_wrong_accept=refusal))
    strict.begin()
    refused = strict.get()
    assert (refused.status, refused.body) == (400, b"events!")
    assert strict.get(accept="text/event-stream").status == 200


def test_no_content_type_is_taken_for_json_unless_it_is_known_to_be_refused() -> None:
    refusal = Answer(status=400, content_type=("", "text/plain"))
    for profile, status in (
        (shipped("atlassian-2026-03"), 200),
        (altered("atlassian-2026-03", transport__wrong_content_type=refusal), 400),
    ):
        client = Speaker(profile)
        assert client.post(message("initialize", 1), content_type="").status == status


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("no_json", b"{"),
        ("no_json", b""),
        ("no_message", b'{"wiretape": true}'),
        ("no_message", b'{"jsonrpc": "2.0", "id": [1], "method": "ping"}'),
        ("batch", b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]'),
    ],
)
def test_a_body_that_is_no_message_is_refused_as_it_was(what: str, body: bytes) -> None:
    refusal = Answer(status=422, media_type="text/plain", body=BodyText("cannot read that"))
    path = f"transport__{what}"
    client = Speaker(altered("atlassian-2026-03", **{path: refusal}))
    client.begin()
    headers = client.headers | {"content-type": "application/json"}
    reply = client.caller.ask("POST", client.url, body, headers)
    assert (reply.status, reply.body) == (422, b"cannot read that")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json; charset=utf-8", 200), ("text/plain", 415), ("application/xml", 415)],
)
def test_a_body_must_be_json(client: Speaker, content_type: str, status: int) -> None:
    assert client.post(message("ping", 1), content_type=content_type).status == status


@pytest.mark.parametrize("version", ["1999-01-01", "2026-07-28", "", "latest"])
def test_a_revision_that_nobody_speaks_is_refused(client: Speaker, version: str) -> None:
    client.headers[VERSION] = version
    assert client.say("ping", 1).status == 400
    assert client.get().status == 400
    assert client.caller.ask("DELETE", client.url, b"", client.headers).status == 400


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", None])
def test_any_that_has_a_handshake_is_taken(client: Speaker, version: str | None) -> None:
    if version is not None:
        client.headers[VERSION] = version
    assert client.say("ping", 1).status == 200


def test_a_service_of_before_that_header_does_not_know_it() -> None:
    older = {"2025-03-26": "2025-03-26"}
    client = Speaker(altered("atlassian-2026-03", protocol__revisions=older))
    client.begin()
    client.headers[VERSION] = "1999-01-01"
    assert client.say("ping", 1).status == 200


def test_refusals_are_as_they_were_seen() -> None:
    profile = altered(
        "atlassian-2026-03",
        transport__wrong_accept=Answer(
            status=400, media_type="text/plain", body=BodyText("accept more")
        ),
        transport__wrong_content_type=Answer(status=400, body=BodyText("no JSON")),
        transport__unsupported_revision=Answer(status=400, body=BodyText('{"speak": "otherwise"}')),
    )
    client = Speaker(profile)
    client.begin()
    refused = client.post(message("ping", 1), accept="text/html")
    assert (refused.status, refused.body) == (400, b"accept more")
    assert header(refused, "content-type") == "text/plain"
    assert client.post(message("ping", 1), content_type="text/plain").body == b"no JSON"
    client.headers[VERSION] = "1999-01-01"
    assert client.say("ping", 1).body == b'{"speak": "otherwise"}'


@pytest.mark.parametrize(
    "body",
    [
        {"id": 1, "method": "ping"},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": None, "method": "ping"},
        {"jsonrpc": "2.0", "id": True, "method": "ping"},
        {"jsonrpc": "2.0", "id": [1], "method": "ping"},
        {"jsonrpc": "2.0", "id": 1},
    ],
)
def test_what_is_no_message_of_json_rpc_is_refused(client: Speaker, body: object) -> None:
    reply = client.post(body)
    assert reply.status == 400
    assert json.loads(reply.body)["error"]["code"] == -32600
