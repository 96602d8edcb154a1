"""The metadata documents."""

from typing import Any

import pytest
from msgspec import Raw

from concluded import findings, seconds_to_conclude
from granting import SITE
from official import official
from peers.processes import ROOT
from play import Json, Play, initialize, initialized
from players import MCP
from wiretape.analysis.finding import Finding

AS, OIDC, PRM = (
    f"/.well-known/{name}"
    for name in ("oauth-authorization-server", "openid-configuration", "oauth-protected-resource")
)
SERVER = {"issuer": SITE, "token_endpoint": f"{SITE}/token"}
AUTH = "https://auth.example.com"


def ask(play: Play, url: str, answer: Json = None, status: int = 200, **how: Any) -> Play:
    play.answer(play.request("GET", url), answer, status=status, **how)
    return play


def told(play: Play) -> dict[str, Finding]:
    found = findings(play).items()
    area = "discovery."
    return {id_.removeprefix(area): each for id_, each in found if id_.startswith(area)}


def test_paths_have_their_statuses() -> None:
    play = ask(Play(), f"{SITE}{PRM}/mcp", status=404)
    ask(play, f"{SITE}{PRM}", {"resource": MCP, "authorization_servers": [SITE]})
    ask(play, f"{SITE}{AS}", SERVER)
    ask(play, f"{SITE}{OIDC}", text="<html>", status=200)
    found = told(play)
    assert found["resource-metadata"].value == {f"{PRM}/mcp": 404, PRM: 200}
    assert found["server-metadata"].value == {AS: 200, OIDC: 200}
    assert found["server-metadata"].count == 2


def test_documents_are_told_in_full() -> None:
    resource = {"resource": MCP, "authorization_servers": [SITE], "x": {"y": [1, None]}}
    play = ask(ask(Play(), f"{SITE}{PRM}/mcp", resource), f"{SITE}{AS}", SERVER)
    found = told(play)
    assert found["resource-metadata.document"].value == resource
    assert found["server-metadata.document"].value == SERVER
    assert found["server-metadata.document"].note == f"found at {SITE}{AS}"


def test_the_document_of_the_services_own_origin_comes_first() -> None:
    other = {"issuer": AUTH}
    play = ask(Play(), f"{AUTH}{AS}", other)
    ask(play, f"{SITE}{AS}", SERVER)
    assert told(play)["server-metadata.document"].value == other
    play.answer(play.post(MCP, initialize()), initialized())
    found = told(play)
    assert found["server-metadata.document"].value == SERVER
    assert found["server-metadata.document"].note == f"found at {SITE}{AS}; others at {AUTH}{AS}"
    assert found["server-metadata"].value == {AS: 200, f"{AS} (another origin)": 200}


def test_what_each_place_answers() -> None:
    cached = {"cache-control": "max-age=60", "content-type": "Application/JSON; charset=utf-8"}
    html = {"content-type": "text/html"}
    play = ask(Play(), f"{SITE}{AS}", SERVER, headers=cached)
    ask(play, f"{SITE}{AS}/mcp", text="Not Found", status=404, headers={"content-type": ""})
    ask(play, f"{SITE}{OIDC}", text="<html>", headers=html)
    assert told(play)["server-metadata.answers"].value == {
        AS: {"media_type": "application/json", "cache_control": "max-age=60"},
        f"{AS}/mcp": {"body": "Not Found"},
        OIDC: {"media_type": "text/html", "body": "<html>"},
    }


@pytest.mark.parametrize(
    ("answer", "body"), [([], []), (1, "1"), (True, "true"), ({}, {}), ("x", "x")]
)
def test_json_that_is_no_document_is_a_body(answer: Json, body: Json) -> None:
    answers: Any = told(ask(Play(), f"{SITE}{AS}", answer))["server-metadata.answers"].value
    assert answers[AS]["body"] == body


def test_an_answer_without_anything_says_nothing() -> None:
    assert told(ask(Play(), f"{SITE}{AS}", status=404)).keys() == {"server-metadata"}


def test_documents_that_are_another_one_are_told_where_they_are() -> None:
    play = Play()
    play.answer(play.post(MCP, initialize()), initialized())
    other = {"issuer": AUTH}
    for url, document in (
        (f"{AUTH}{AS}", other),
        (f"{SITE}{AS}", SERVER),
        (f"{SITE}{AS}/mcp", SERVER),
        (f"{SITE}{OIDC}", {**SERVER, "jwks_uri": f"{SITE}/jwks"}),
    ):
        ask(play, url, document)
    found = told(play)
    assert found["server-metadata.document"].value == SERVER
    answers: Any = found["server-metadata.answers"].value
    assert {where: answer["document"] for where, answer in answers.items()} == {
        OIDC: {**SERVER, "jwks_uri": f"{SITE}/jwks"},
        f"{AUTH}{AS}": other,
    }


def test_an_unusual_status_is_not_how_a_place_answers() -> None:
    play = ask(Play(), f"{SITE}{AS}", text="busy", status=503)
    for _ in range(2):
        ask(play, f"{SITE}{AS}", SERVER)
    assert "server-metadata.answers" not in told(play)


@pytest.mark.parametrize(
    ("url", "issuer", "matches"),
    [
        (f"{SITE}{AS}", SITE, True),
        (f"{SITE}{AS}", f"{SITE}/", True),
        (f"{SITE}:443{AS}", "https://MCP.example.com", True),
        (f"{SITE}{AS}", "https://mcp.example.com:443/", True),
        (f"{SITE}{AS}/tenant", f"{SITE}/tenant", True),
        (f"{SITE}{OIDC}/tenant", f"{SITE}/tenant", True),
        (f"{SITE}/tenant{OIDC}", f"{SITE}/tenant", True),
        (f"{SITE}{AS}/tenant", SITE, False),
        (f"{SITE}{AS}", f"{SITE}/tenant", False),
        (f"{SITE}{AS}", AUTH, False),
        (f"{SITE}{AS}", "http://mcp.example.com", False),
        (f"{SITE}{AS}", None, False),
    ],
)
def test_the_issuer_is_what_the_url_was_made_from(
    url: str, issuer: str | None, matches: bool
) -> None:
    found = told(ask(Play(), url, {"issuer": issuer, "token_endpoint": f"{SITE}/token"}))
    assert found["issuer_matches"].value is matches
    assert (found["issuer_matches"].note is None) is matches


@pytest.mark.parametrize(
    ("url", "resource", "matches"),
    [
        (f"{SITE}{PRM}/mcp", MCP, True),
        (f"{SITE}{PRM}", SITE, True),
        (f"{SITE}{PRM}/mcp", "https://MCP.example.com:443/mcp", True),
        (f"{SITE}{PRM}", MCP, True),
        (f"{SITE}{PRM}/mcp", SITE, False),
        (f"{SITE}{PRM}", AUTH, False),
    ],
)
def test_the_resource_is_what_the_url_was_made_from(url: str, resource: str, matches: bool) -> None:
    assert told(ask(Play(), url, {"resource": resource}))["resource_matches"].value is matches


def test_urls_across_origins_are_named() -> None:
    server = {
        "issuer": AUTH,
        "authorization_endpoint": f"{SITE}/authorize",
        "token_endpoint": f"{AUTH}/token",
        "jwks_uri": "http://mcp.example.com/jwks",
        "service_documentation": "https://docs.example.com",
        "revocation_endpoint": 1,
    }
    found = told(ask(Play(), f"{SITE}{AS}", server))["cross_origin"]
    assert found.value == ["issuer", "jwks_uri", "token_endpoint"]
    assert found.note is not None
    assert f"issuer: {AUTH}" in found.note
    resource = {"resource": MCP, "authorization_servers": [SITE, AUTH]}
    play = ask(Play(), f"{SITE}{PRM}/mcp", resource)
    assert told(play)["cross_origin"].value == ["authorization_servers"]
    assert told(ask(Play(), f"{SITE}{AS}", SERVER))["cross_origin"].value == []


@pytest.mark.parametrize("answer", [None, [], 1, {}, "x"])
def test_what_is_no_document_teaches_only_its_status(answer: Json) -> None:
    found = told(ask(Play(), f"{SITE}{AS}", answer))
    assert found.keys() - {"server-metadata.answers"} == {"server-metadata"}


def test_a_document_too_deep_to_be_read_is_no_value() -> None:
    deep = Raw(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}")
    assert told(ask(Play(), f"{SITE}{AS}", deep))["server-metadata.document"].value is None


def test_many_documents_are_soon_told() -> None:
    play = Play()
    for number in range(8000):
        ask(play, f"{SITE}{PRM}/{'a' * (number % 60)}/{number}", {"resource": f"{SITE}/{number}"})

    assert seconds_to_conclude(play, "extractors.discovery") < 2


def test_unanswered_and_other_requests_are_no_discovery() -> None:
    play = Play()
    play.fail(play.request("GET", f"{SITE}{AS}"))
    play.answer(play.request("OPTIONS", f"{SITE}{AS}"), status=204)
    ask(play, f"{SITE}/.well-known/security.txt", text="x")
    assert told(play) == {}


def test_the_official_issuer_is_on_another_origin() -> None:
    found = told(official())
    assert found["issuer_matches"].value is False
    assert found["cross_origin"].value == [
        *("issuer", "registration_endpoint", "revocation_endpoint", "token_endpoint")
    ]
    assert found["resource-metadata"].value == {PRM: 404, f"{PRM}/v1/sse": 404}
    assert "resource-metadata.document" not in found


def test_real_documents() -> None:
    found = findings(ROOT / "fixtures/recordings/oauth-sse.jsonl")
    document: Any = found["discovery.server-metadata.document"].value
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert found["discovery.resource-metadata"].value == {f"{PRM}/sse": 200}
    assert found["discovery.issuer_matches"].value is True
    assert found["discovery.resource_matches"].value is True
    assert found["discovery.cross_origin"].value == []
