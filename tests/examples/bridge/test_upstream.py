"""What a service behind the bridge may answer, and what comes of it; by hand, on loopback."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from bridge.errors import SessionOverError, UpstreamError
from bridge.upstream_mcp import NotOfferedError
from bridge.upstream_sse import LegacySse
from bridge.upstream_streamable import Streamable

CALL = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {}}
BEGIN = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}}
JSON = "application/json"


def answer(id_: object = 7) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "result": {"protocolVersion": "2025-06-18"}})


def called(server: HTTPServer, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Send messages in one session; gives what comes for the last."""

    async def spoken() -> list[dict[str, Any]]:
        async with httpx2.AsyncClient(trust_env=False) as http:
            session = Streamable(http, server.url_for("/mcp"), httpx2.Auth())
            told: list[dict[str, Any]] = []
            for message in messages:
                told = [each async for each in await session.call(message)]
            return told

    return asyncio.run(spoken())


@pytest.mark.parametrize(
    ("response", "status", "said"),
    [
        (Response(status=503), 502, "the upstream answered 503"),
        (Response(status=302, headers={"location": "/"}), 502, "the upstream answered 302"),
        (Response(status=403), 502, "the upstream answered 403"),
        (Response(status=202), 502, "ended its answer"),
        (Response("<p>", content_type="text/html"), 502, "ended its answer"),
        (Response("{", content_type=JSON), 502, "no JSON-RPC message"),
        (Response("[]", content_type=JSON), 502, "no JSON-RPC message"),
        (Response("[" * 100_000, content_type=JSON), 502, "no JSON-RPC message"),
        (Response(r'{"id": 7, "result": "\ud800"}', content_type=JSON), 502, "no JSON-RPC"),
        (Response(answer(8), content_type=JSON), 502, "ended its answer"),
        (Response("data: {\n\n", content_type="text/event-stream"), 502, "no JSON-RPC message"),
    ],
)
def test_what_is_no_answer_has_a_name(
    httpserver: HTTPServer, response: Response, status: int, said: str
) -> None:
    httpserver.expect_request("/mcp").respond_with_response(response)
    with pytest.raises(UpstreamError, match=said) as failed:
        called(httpserver, CALL)
    assert failed.value.status == status


def test_being_asked_too_often_says_until_when(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/mcp").respond_with_data("", 429, {"retry-after": "17"})
    with pytest.raises(UpstreamError, match="too often") as failed:
        called(httpserver, CALL)
    assert (failed.value.status, failed.value.headers) == (429, {"retry-after": "17"})


def test_errors_with_another_status_are_answers(httpserver: HTTPServer) -> None:
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32602, "message": "No such tool"}}
    httpserver.expect_request("/mcp").respond_with_json(error, 400)
    assert called(httpserver, CALL) == [error | {"id": 7}]


@pytest.mark.parametrize(("status", "body"), [(404, "Not Found"), (405, "{}"), (400, "")])
def test_a_service_without_streamable_http_is_known_by_its_refusal(
    httpserver: HTTPServer, status: int, body: str
) -> None:
    httpserver.expect_request("/mcp").respond_with_data(body, status)
    with pytest.raises(NotOfferedError):
        called(httpserver, BEGIN)


def test_the_session_and_its_revision_come_with_every_request_and_end_with_404(
    httpserver: HTTPServer,
) -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        if len(seen) == 3:
            return Response(status=404)
        id_ = json.loads(request.data)["id"]
        return Response(answer(id_), headers={"mcp-session-id": "s"}, content_type=JSON)

    httpserver.expect_request("/mcp").respond_with_handler(handler)
    with pytest.raises(SessionOverError):
        called(httpserver, BEGIN, CALL, CALL)
    assert "mcp-session-id" not in seen[0].headers
    for request in seen[1:]:
        assert request.headers["mcp-session-id"] == "s"
        assert request.headers["mcp-protocol-version"] == "2025-06-18"
        assert request.headers["accept"] == "application/json, text/event-stream"


@pytest.mark.parametrize("told", ["", "später", "7\r\nset-cookie: a=b"])
def test_what_cannot_be_a_header_is_not_passed_on(told: str) -> None:
    assert UpstreamError("asked too often", 429, told).headers == {}


def test_the_token_is_not_sent_to_where_another_origin_is_posted_to(
    httpserver: HTTPServer,
) -> None:
    stream = "event: endpoint\ndata: https://elsewhere.example/message\n\n"
    httpserver.expect_request("/sse").respond_with_data(stream, content_type="text/event-stream")

    async def spoken() -> None:
        async with httpx2.AsyncClient(trust_env=False) as http:
            session = LegacySse(http, httpserver.url_for("/sse"), httpx2.Auth())
            try:
                await anext(await session.call(CALL))
            finally:
                await session.close()

    with pytest.raises(UpstreamError, match="another origin"):
        asyncio.run(spoken())
