"""Clients whose id is the URL of a document: judged here, fetched at the edge."""

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from replayed import CALLBACK, CHALLENGE, VERIFIER, Caller, offering, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.replay.background import replayed
from wiretape.replay.edge import fetching
from wiretape.replay.http.messages import Ask, Reply

URL = "https://app.example/client.json"
GOOD = {"client_id": URL, "client_name": "An app", "redirect_uris": [CALLBACK]}


def supporting() -> Profile:
    return offering(shipped("atlassian-2026-09"), client_id_metadata_document_supported=True)


@pytest.fixture
def caller() -> Caller:
    return Caller(supporting())


def asked(caller: Caller, document: bytes | str | None, id_: str = URL) -> Reply:
    """Ask for authorization with a document, as the edge does."""
    query = caller.authorizing({"client_id": id_})
    at = urlsplit(caller.profile.endpoints.authorization or "")
    site = f"{at.scheme}://{at.netloc}"
    return caller.service.answer(Ask(site, "GET", at.path, query, document=document))


def needs(caller: Caller, id_: str) -> str | None:
    at = urlsplit(caller.profile.endpoints.authorization or "")
    query = caller.authorizing({"client_id": id_})
    return caller.service.needs(Ask(f"{at.scheme}://{at.netloc}", "GET", at.path, query))


def test_a_document_makes_a_client_that_gets_tokens(caller: Caller) -> None:
    assert needs(caller, URL) == URL
    code = parse_qs(urlsplit(dict(asked(caller, _written(GOOD)).headers)["location"]).query)["code"]
    tokens = caller.answer_of(caller.exchange({"client_id": URL}, code[0]))
    assert caller.refresh({"client_id": URL}, tokens["refresh_token"]).status == 200


@pytest.mark.parametrize(
    "id_",
    [
        "http://app.example/client.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/a/../client.json",
        "https://app.example/client.json#part",
        "https://me:secret@app.example/client.json",
        "https:///client.json",
        "https://[app.example/client.json",
        "ftp://app.example/client.json",
    ],
)
def test_what_may_not_be_an_id_is_not_fetched(caller: Caller, id_: str) -> None:
    assert needs(caller, id_) is None
    reply = asked(caller, None, id_)
    assert (reply.status, json.loads(reply.body)["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "document",
    [
        "was answered with 404",
        b"{",
        b"[]",
        {**GOOD, "client_id": URL + "?"},
        {**GOOD, "client_secret": "s"},
        {**GOOD, "token_endpoint_auth_method": "client_secret_basic"},
        {**GOOD, "redirect_uris": []},
        {**GOOD, "redirect_uris": ["/relative"]},
        {**GOOD, "redirect_uris": ["https://app.example/another"]},
    ],
)
def test_nobody_is_sent_on_by_a_document_that_is_not_good(caller: Caller, document: Any) -> None:
    given = _written(document) if isinstance(document, dict) else document
    reply = asked(caller, given)
    assert reply.status == 400
    assert "location" not in dict(reply.headers)


def test_it_is_fetched_only_where_the_metadata_says_so() -> None:
    caller = Caller(shipped("atlassian-2026-09"))
    assert needs(caller, URL) is None
    assert asked(caller, None).status == 400


def test_a_registered_client_needs_no_document(caller: Caller) -> None:
    assert needs(caller, caller.register()["client_id"]) is None


def _written(document: Any) -> bytes:
    return json.dumps(document).encode()


def authorized(at: str, id_: str) -> httpx.Response:
    params = {
        "response_type": "code",
        "client_id": id_,
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return httpx.get(at, params=params, trust_env=False)


@pytest.fixture
def endpoint() -> Any:
    with replayed(supporting()) as service:
        site = service.do(lambda at: at.origins.local["https://auth.atlassian.com"])
        yield site + "/authorize"


def test_a_real_document_is_fetched(httpserver: HTTPServer, endpoint: str) -> None:
    id_ = httpserver.url_for("/client.json")
    document = {"client_id": id_, "redirect_uris": [CALLBACK]}
    httpserver.expect_oneshot_request("/client.json").respond_with_json(document)
    redirect = authorized(endpoint, id_)
    assert redirect.status_code == 302, redirect.text
    form = {
        "grant_type": "authorization_code",
        "client_id": id_,
        "code": parse_qs(urlsplit(redirect.headers["location"]).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    token = endpoint.replace("/authorize", "/oauth/token")
    assert httpx.post(token, data=form, trust_env=False).status_code == 200


def _long(_: Request) -> Response:
    return Response(" " * 6000, content_type="application/json")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_long, "longer than 5120 bytes"),
        (lambda _: Response("{}", content_type="text/html"), "is not JSON"),
        (lambda _: Response("", 302, {"location": "/other"}), "answered with 302"),
        (lambda _: Response("", 404), "answered with 404"),
    ],
)
def test_other_answers_are_told(
    httpserver: HTTPServer, endpoint: str, answer: Any, says: str
) -> None:
    httpserver.expect_request("/client.json").respond_with_handler(answer)
    refused = authorized(endpoint, httpserver.url_for("/client.json"))
    assert refused.status_code == 400
    assert says in refused.json()["error_description"]


@pytest.mark.parametrize(
    ("id_", "says"),
    [
        ("https://10.1.2.3/client.json", "an address that is not asked"),
        ("https://169.254.169.254/client.json", "an address that is not asked"),
        ("https://[::ffff:10.1.2.3]/client.json", "an address that is not asked"),
        ("http://127.0.0.1:1/client.json", "cannot be fetched"),
    ],
)
def test_no_other_network_is_reached_by_way_of_the_service(
    endpoint: str, id_: str, says: str
) -> None:
    refused = authorized(endpoint, id_)
    assert refused.status_code == 400
    assert says in refused.json()["error_description"]


def test_tls_is_checked(tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    with HTTPServer(host="localhost", ssl_context=context) as server:
        id_ = server.url_for("/client.json")
        document = {"client_id": id_, "redirect_uris": [CALLBACK]}
        server.expect_request("/client.json").respond_with_json(document)
        refused = authorized(endpoint, id_)
        assert "certificate" in refused.json()["error_description"]
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        fetching._trust.cache_clear()
        assert authorized(endpoint, id_).status_code == 302
    fetching._trust.cache_clear()
