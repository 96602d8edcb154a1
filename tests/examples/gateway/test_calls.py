"""What users ask of the service through the gateway, and how it fails."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from gateway.errors import ServiceError
from gatewaying import TOOL, USERS, Gatewayed, gatewayed, gatewaying, serviced
from wiretape.recorder.log.reader import read
from wiretape.recorder.log.records import Request as Recorded

TIMEOUT = 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatewayed]:
    folder = tmp_path_factory.mktemp("gateway")
    with gatewayed(folder, "--timeout", str(TIMEOUT)) as found:
        yield found


@pytest.fixture
def gateway(shared: Gatewayed) -> Gatewayed:
    return shared.afresh("ada", "ben")


def test_tools_are_listed_and_called(gateway: Gatewayed) -> None:
    tools = {each["name"]: each for each in gateway.tools("ada").json()["tools"]}
    assert tools[TOOL]["inputSchema"]["type"] == "object"
    result = gateway.call("ada").json()
    assert not result["isError"]
    assert result["content"][0]["text"].startswith(f"{TOOL}: ")
    assert gateway.asked("tools/list") == [200]
    assert gateway.asked("tools/call") == [200]


def test_each_session_is_closed(gateway: Gatewayed) -> None:
    gateway.tools("ada")
    gateway.call("ben")
    gateway.call("ada", "no-such-tool")
    methods = Counter(each.method for each in gateway.service.journal if each.role == "mcp")
    assert gateway.asked("initialize") == [200] * 3
    assert methods["DELETE"] == 3


def test_what_the_service_does_not_know_is_the_callers_mistake(gateway: Gatewayed) -> None:
    for answer in (
        gateway.user("ada").get("/resources"),
        gateway.user("ada").get("/resources/jira%3A%2F%2FDEMO-1/read"),
    ):
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "refused",
            "service": "atlassian",
            "detail": "Method not found",
        }


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "7",
        "{",
        "null",
        '{"n": NaN}',
        r'{"s": "\ud800"}',
        '{"n": ' + "[" * 10_000,
    ],
)
def test_arguments_are_an_object(gateway: Gatewayed, body: str) -> None:
    answer = gateway.user("ada").post(f"/tools/{TOOL}", content=body)
    assert answer.status_code == 422
    assert answer.json() == {"error": "arguments_must_be_an_object"}
    assert not gateway.service.journal
    assert gateway.user("ada").post(f"/tools/{TOOL}").status_code == 200


def test_nobody_writes_lines_of_their_own_into_the_log(gateway: Gatewayed) -> None:
    assert gateway.call("ada", "x%0Aan%20alarming%20line").status_code == 400
    assert "x%0Aan%20alarming%20line" in gateway.log.read_text()


@pytest.mark.parametrize(
    ("fault", "status", "error", "detail"),
    [
        ("connection-refused", 502, "unreachable", "cannot be reached"),
        ("connection-reset:role=mcp", 502, "unreachable", "cannot be reached"),
        ("latency:seconds=60,role=mcp", 504, "timeout", "no answer within 3 s"),
        ("stream-stalled:role=mcp", 504, "timeout", "no answer within 3 s"),
        ("stream-cut:role=mcp", 502, "failed", "ended without a response"),
        ("accepted-without-answer", 502, "failed", "202"),
        ("malformed-json", 502, "failed", "not as MCP has it"),
        ("error-instead", 502, "failed", "Internal error"),
        ("session-gone", 502, "failed", "404"),
        ("post-refused", 502, "failed", "405"),
        ("insufficient-scope", 502, "failed", "403"),
    ],
)
def test_a_failing_service_is_named_in_time(
    gateway: Gatewayed, fault: str, status: int, error: str, detail: str
) -> None:
    whose = {} if fault == "connection-refused" else {"user": "ada"}
    gateway.service.arm(fault, **whose)
    began = time.monotonic()
    answer = gateway.call("ada")
    assert time.monotonic() - began < TIMEOUT + 2
    told = answer.json()
    assert (answer.status_code, told["error"], told["service"]) == (status, error, "atlassian")
    assert detail in told["detail"]
    if whose:
        assert gateway.call("ben").status_code == 200
    gateway.service.disarm()
    assert gateway.call("ada").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "later"),
    [
        ("unavailable:status=429,retry_after=30", 429, "30"),
        ("unavailable:retry_after=7", 503, "7"),
        ("unavailable", 503, None),
        ("unavailable:status=500,retry_after=7", 502, None),
    ],
)
def test_when_to_come_back_is_passed_on(
    gateway: Gatewayed, fault: str, status: int, later: str | None
) -> None:
    gateway.service.arm(fault)
    answer = gateway.call("ada")
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, later)
    assert answer.json()["service"] == "atlassian"


def test_when_to_come_back_is_passed_on_from_the_token_endpoint(gateway: Gatewayed) -> None:
    told = gateway.consent("ben", gateway.wish("ben"))
    gateway.service.arm("token-rate-limited:retry_after=20")
    answer = gateway.back("ben", told)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "20")


@pytest.mark.parametrize("told", ["", "später", "7\r\nset-cookie: a=b"])
def test_what_cannot_be_a_header_is_not_passed_on(told: str) -> None:
    assert ServiceError("busy", "later", 503, told).retry_after is None


def test_users_at_once_are_never_mixed(tmp_path: Path) -> None:
    users = USERS[:50]
    with gatewayed(tmp_path) as gateway, ThreadPoolExecutor(len(users)) as pool:
        list(pool.map(gateway.connect, users))
        answers = list(pool.map(gateway.call, users * 3))
        assert {answer.status_code for answer in answers} == {200}
        owners: dict[Any, set[Any]] = {}
        for each in gateway.service.journal:
            if each.operation == "tools/call":
                assert (each.site, each.token) == ("good", "good")
            if each.role == "mcp" and each.session is not None:
                owners.setdefault(each.session, set()).add(each.user)
        calls = Counter(
            each.user for each in gateway.service.journal if each.operation == "tools/call"
        )
        assert calls == dict.fromkeys(users, 3)
        assert len(owners) == 150
        assert all(len(owner) == 1 for owner in owners.values())


def test_no_header_is_there_twice(tmp_path: Path) -> None:
    with serviced(record=tmp_path) as service, gatewaying(service, tmp_path) as gateway:
        gateway.connect("ada")
        gateway.call("ada")
    (recording,) = tmp_path.glob("*.jsonl")
    with read(recording) as reading:
        sent = [line.record for line in reading if isinstance(line.record, Recorded)]
    posted = [each for each in sent if each.url.endswith("/mcp") and each.method == "POST"]
    assert len(posted) == 3
    for each in posted:
        names = [name.lower() for name, _ in each.headers]
        assert len(names) == len(set(names))
        headers = {name.lower(): value for name, value in each.headers}
        assert headers["accept"] == "application/json, text/event-stream"
        assert "x-atlassian-cloud-id" in headers


def test_a_redirect_to_the_other_spelling_is_followed_as_a_post(tmp_path: Path) -> None:
    with serviced() as service:
        url = f"{service.url}/"
        with gatewaying(service, tmp_path, url=url) as gateway:
            gateway.connect("ada")
            assert gateway.call("ada").status_code == 200
            methods = [each.method for each in service.journal if each.role == "mcp"]
            assert methods.count("POST") == 3
            assert gateway.asked("tools/call") == [200]


def test_the_token_goes_to_no_other_origin(tmp_path: Path, httpserver: HTTPServer) -> None:
    with serviced() as service, HTTPServer() as other:
        moved = Response(status=307, headers={"location": other.url_for("/mcp")})
        httpserver.expect_request("/mcp").respond_with_response(moved)
        with gatewaying(service, tmp_path, url=httpserver.url_for("/mcp")) as gateway:
            gateway.connect("ada")
            answer = gateway.tools("ada")
        assert answer.status_code == 502
        assert answer.json()["error"] == "failed"
        assert "not followed" in answer.json()["detail"]
        assert [request.path for request, _ in httpserver.log] == ["/mcp"]
        assert other.log == []


def test_the_token_goes_nowhere_without_tls(tmp_path: Path) -> None:
    with serviced(tls=True) as service, gatewaying(service, tmp_path) as gateway:
        gateway.connect("ada")
        assert gateway.call("ada").status_code == 200
        service.arm("redirect-chain")
        before = len(service.journal)
        answer = gateway.call("ada")
        assert answer.status_code == 502
        assert "plain HTTP" in answer.json()["detail"]
        assert [each.status for each in service.journal[before:]] == [307]


def test_a_host_without_an_address_is_named(tmp_path: Path) -> None:
    with serviced() as service:
        url = "http://mcp-atlassian.invalid/mcp"
        with gatewaying(service, tmp_path, "--timeout", "5", url=url) as gateway:
            gateway.connect("ada")
            answer = gateway.tools("ada")
    assert (answer.status_code, answer.json()["error"]) == (502, "unreachable")


def test_a_session_is_closed_after_a_call_that_took_too_long(tmp_path: Path) -> None:
    with gatewayed(tmp_path, "--timeout", "1") as gateway:
        gateway.connect("ada")
        gateway.service.arm("stream-stalled", method="tools/call")
        assert gateway.call("ada").status_code == 504
        while not any(each.method == "DELETE" for each in gateway.service.journal):
            pass


def test_an_answer_counts_whatever_becomes_of_its_session(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    """Whoever is told of a failure would make the same issue again."""
    leaving, left = Event(), Event()

    def leave(_: Request) -> Response:
        leaving.set()
        left.wait(30)
        return Response()

    httpserver.expect_request("/mcp", method="POST").respond_with_handler(
        spoken({"tools/call": {"content": []}})
    )
    httpserver.expect_request("/mcp", method="DELETE").respond_with_handler(leave)
    url = httpserver.url_for("/mcp")
    with (
        serviced() as service,
        gatewaying(service, tmp_path, "--timeout", "1", url=url) as gateway,
    ):
        gateway.connect("ada")
        answer = gateway.call("ada")
        assert leaving.is_set()
        left.set()
        assert (answer.status_code, answer.json()["isError"]) == (200, False)


def test_listings_are_given_whole(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Resources in two pages, and one that is read, by hand: the replayed service has none."""
    first = {"resources": [{"uri": "jira://DEMO-1", "name": "1"}], "nextCursor": "two"}
    second = {"resources": [{"uri": "jira://DEMO-2", "name": "2"}]}
    content = {"uri": "jira://DEMO-1", "mimeType": "text/plain", "text": "Brew the tea"}
    answers = {
        "resources/list": first,
        "resources/list two": second,
        "resources/read jira://DEMO-1": {"contents": [content]},
    }
    httpserver.expect_request("/mcp", method="POST").respond_with_handler(spoken(answers))
    with (
        serviced() as service,
        gatewaying(service, tmp_path, url=httpserver.url_for("/mcp")) as gateway,
    ):
        gateway.connect("ada")
        listed = gateway.user("ada").get("/resources").json()["resources"]
        assert [each["uri"] for each in listed] == ["jira://DEMO-1", "jira://DEMO-2"]
        for path in ("jira%3A%2F%2FDEMO-1", "jira://DEMO-1"):
            found = gateway.user("ada").get(f"/resources/{path}/read").json()
            assert found["contents"] == [content]


def spoken(answers: dict[str, Any]) -> Callable[[Request], Response]:
    """Give what speaks MCP, with answers by method and, if there is one, cursor or URI."""
    about = {"name": "by-hand", "version": "0"}
    opened = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": about}

    def answer(request: Request) -> Response:
        asked = json.loads(request.data)
        if "id" not in asked:
            return Response(status=202)
        params = asked.get("params") or {}
        which = params.get("cursor") or params.get("uri") or ""
        said = ({"initialize": opened} | answers)[f"{asked['method']} {which}".strip()]
        told = {"jsonrpc": "2.0", "id": asked["id"], "result": said}
        session = {"mcp-session-id": "a-session"}
        return Response(json.dumps(told), headers=session, content_type="application/json")

    return answer
