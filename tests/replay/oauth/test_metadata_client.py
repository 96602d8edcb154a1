"""A real client that has the URL of a document for an id."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import trustme
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl
from pytest_httpserver import HTTPServer

from replayed import CALLBACK, offering, shipped
from wiretape.replay.edge import fetching
from wiretape.replay.edge.serving import running


class _Storage:
    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a client's document by https, as the SDK wants it, from a host that is trusted."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    fetching._trust.cache_clear()
    with HTTPServer(host="localhost", ssl_context=context) as server:
        url = server.url_for("/client.json")
        told = {"client_id": url, "client_name": "by URL", "redirect_uris": [CALLBACK]}
        server.expect_request("/client.json").respond_with_json(told)
        yield url
    fetching._trust.cache_clear()


def test_the_sdk_gets_tokens_without_registering(document: str) -> None:
    storage = asyncio.run(_walk(document))
    assert storage.client is not None
    assert storage.client.client_id == document
    assert storage.tokens is not None


async def _walk(document: str) -> _Storage:
    profile = offering(shipped("atlassian-2026-09"), client_id_metadata_document_supported=True)
    storage, answer = _Storage(), dict[str, str]()

    async def browse(url: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as browser:
            redirect = await browser.get(url)
        assert redirect.status_code == 302, redirect.text
        query = parse_qs(urlsplit(redirect.headers["location"]).query)
        answer.update({name: value for name, [value] in query.items()})

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=answer["code"], state=answer["state"])

    async with running(profile) as at:
        auth = OAuthClientProvider(
            at.urls[0],
            OAuthClientMetadata(client_name="by URL", redirect_uris=[AnyUrl(CALLBACK)]),
            storage,
            redirect_handler=browse,
            callback_handler=callback,
            client_metadata_url=document,
        )
        async with (
            httpx2.AsyncClient(auth=auth, timeout=30, trust_env=False) as http,
            Client(streamable_http_client(at.urls[0], http_client=http), mode="legacy") as client,
        ):
            assert len((await client.list_tools()).tools) == 24
            roles = [entry.role for entry in at.service.world.journal]
            assert "registration" not in roles
    return storage
