"""What changes on the way through, and which origins are learnt from it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from wiretape.recorder.capture.reverse.bodies import LIMIT, BodyRewriter
from wiretape.recorder.capture.reverse.origins import Origin, origin_of
from wiretape.recorder.capture.reverse.rewriter import Rewriter
from wiretape.recorder.capture.reverse.visit import Headers, Visit

MCP, AUTH, LOGIN = "https://mcp.example", "https://auth.example", "https://login.example"
CALLBACK = "http://127.0.0.1:8765/callback"
AUTHORIZE = f"/authorize?response_type=code&client_id=c&redirect_uri={CALLBACK}"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json; charset=utf-8"}
STREAM = {"content-type": "text/event-stream"}
MCP_CLIENT = {"accept": "application/json, text/event-stream"}
BROWSER = {"accept": "text/html,*/*;q=0.8"}


class Recorder:
    """A rewriter, and the ports that it has asked for, from 8001 on."""

    def __init__(self, *known: str, ports: int = 100) -> None:
        self.ports = ports
        self.learnt: list[str] = []
        self.rewriter = Rewriter("127.0.0.1", self.listen)
        for url in (MCP, *known):
            origin = origin_of(url)
            assert origin
            self.rewriter.origins.add(origin, self.listen(origin) or 0)

    def listen(self, origin: Origin) -> int | None:
        self.learnt.append(str(origin))
        return 8000 + len(self.learnt) if len(self.learnt) <= self.ports else None

    def visit(
        self,
        url: str = f"{MCP}/mcp",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        host: str = "127.0.0.1:8001",
    ) -> Visit:
        origin = origin_of(url)
        assert origin
        target = url.removeprefix(str(origin)) or "/"
        pairs = raw({"host": host} | dict(headers or {}))
        return self.rewriter.request(
            Visit(origin=origin, method=method, target=target, headers=pairs)
        )

    def answer(
        self, visit: Visit, headers: Mapping[str, str], body: Any = None, status: int = 200
    ) -> tuple[dict[str, str], Any]:
        """Give the response's headers and JSON body as the client gets them."""
        got = self.rewriter.response_headers(visit, raw(headers))
        if body is None:
            return shown(got), None
        text = json.dumps(body).encode()
        changing = self.rewriter.response_body(visit, status, raw(headers))
        return shown(got), json.loads(passed(changing, text) if changing else text)


def raw(headers: Mapping[str, str]) -> Headers:
    return tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())


def shown(headers: Headers) -> dict[str, str]:
    return {name.decode(): value.decode("latin-1") for name, value in headers}


def passed(changing: BodyRewriter, body: bytes) -> bytes:
    return changing.feed(body[:7]) + changing.feed(body[7:]) + changing.close()


# Towards the upstream.


def test_a_request_is_the_upstreams_own() -> None:
    recorder = Recorder(AUTH)
    visit = recorder.visit(
        f"{AUTH}/authorize?resource=http%3A%2F%2F127.0.0.1%3A8001%2Fmcp&b=%zz&redirect_uri={CALLBACK}",
        headers={
            "Origin": "http://127.0.0.1:8002",
            "referer": "http://127.0.0.1:8001/consent?to=1",
            "X-Other": "http://127.0.0.1:8001",
        },
        host="127.0.0.1:8002",
    )
    assert visit.target == (
        f"/authorize?resource=https%3A%2F%2Fmcp.example%2Fmcp&b=%zz&redirect_uri={CALLBACK}"
    )
    assert shown(visit.headers) == {
        "host": "auth.example",
        "Origin": AUTH,
        "referer": f"{MCP}/consent?to=1",
        "X-Other": "http://127.0.0.1:8001",
    }


def test_the_host_is_what_the_client_calls_the_recorder() -> None:
    recorder = Recorder()
    origin = {"origin": "http://localhost:8001"}
    visit = recorder.visit(f"{MCP}/?resource=http://localhost:8001/mcp", "GET", origin, "localhost")
    assert (visit.target, shown(visit.headers)["origin"]) == (f"/?resource={MCP}/mcp", MCP)
    got, _ = recorder.answer(visit, {"link": f"<{MCP}/a>"})
    assert got == {"link": "<http://localhost:8001/a>"}


@pytest.mark.parametrize("host", ["", "a b", "127.0.0.1:8001, localhost", "user@localhost"])
def test_a_host_that_is_none_is_the_recorders(host: str) -> None:
    recorder = Recorder()
    visit = recorder.visit(host=host)
    assert visit.host == "127.0.0.1"
    assert ("Host" if not host else "host", "mcp.example") in shown(visit.headers).items()


def test_a_port_that_is_not_the_schemes_own_is_in_the_host() -> None:
    recorder = Recorder("http://mcp.example:9000")
    assert shown(recorder.visit("http://mcp.example:9000/").headers) == {"host": "mcp.example:9000"}


def test_cookies_of_other_hosts_stay_behind() -> None:
    recorder = Recorder(AUTH)
    got, _ = recorder.answer(recorder.visit(AUTH), {"set-cookie": "s=1; Secure; Path=/"})
    assert got == {"set-cookie": "s=1; Path=/"}
    assert "cookie" not in shown(recorder.visit(MCP, headers={"cookie": "s=1"}).headers)
    assert shown(recorder.visit(AUTH, headers={"cookie": "s=1"}).headers)["cookie"] == "s=1"


@pytest.mark.parametrize(
    ("url", "headers", "changes"),
    [
        (f"{AUTH}/token", FORM, True),
        (f"{AUTH}/anything", FORM, True),
        (f"{AUTH}/v1/register", JSON, True),
        (f"{AUTH}/oauth/token", JSON, True),
        (f"{AUTH}/dcr", JSON, True),
        (f"{AUTH}/revoke?a=b", JSON, True),
        (f"{MCP}/mcp", JSON, False),
        (f"{MCP}/mcp", {}, False),
        (f"{AUTH}/token", FORM | {"content-encoding": "gzip"}, False),
    ],
)
def test_bodies_of_oauth_requests_change(url: str, headers: dict[str, str], changes: bool) -> None:
    recorder = Recorder(AUTH)
    found = recorder.visit(f"{AUTH}/.well-known/oauth-authorization-server")
    endpoints = {"registration_endpoint": f"{AUTH}/dcr", "revocation_endpoint": f"{AUTH}/revoke"}
    recorder.answer(found, JSON, endpoints)
    visit = recorder.visit(url, "POST", headers)
    assert recorder.rewriter.changes_request_body(visit) is changes


@pytest.mark.parametrize(
    ("local", "upstream"),
    [
        (
            f"resource=http%3A%2F%2F127.0.0.1%3A8001%2Fmcp&redirect_uri={CALLBACK}&b=%ff",
            f"resource=https%3A%2F%2Fmcp.example%2Fmcp&redirect_uri={CALLBACK}&b=%ff",
        ),
        (
            f'{{"resource": "http:\\/\\/127.0.0.1:8001\\/mcp", "redirect_uris": ["{CALLBACK}"]}}',
            f'{{"resource": "https:\\/\\/mcp.example\\/mcp", "redirect_uris": ["{CALLBACK}"]}}',
        ),
    ],
)
def test_a_body_becomes_the_upstreams_but_for_the_clients_own_urls(
    local: str, upstream: str
) -> None:
    recorder = Recorder()
    visit = recorder.visit(f"{MCP}/token", "POST", FORM)
    assert recorder.rewriter.request_body(visit, local.encode()) == upstream.encode()
    assert recorder.rewriter.request_body(visit, b"\xff\x00") == b"\xff\x00"


# Towards the client.


def test_metadata_leads_to_the_recorder_whatever_the_origins_are() -> None:
    recorder = Recorder()
    _, resource = recorder.answer(
        recorder.visit(f"{MCP}/.well-known/oauth-protected-resource/mcp"),
        JSON,
        {"resource": f"{MCP}/mcp", "authorization_servers": [f"{AUTH}/tenant"]},
    )
    _, server = recorder.answer(
        recorder.visit(f"{AUTH}/.well-known/oauth-authorization-server/tenant"),
        JSON,
        {
            "issuer": f"{AUTH}/tenant",
            "authorization_endpoint": f"{LOGIN}/authorize",
            "token_endpoint": f"{AUTH}/token",
            "scopes_supported": [f"{MCP}/read"],
        },
    )
    assert resource == {
        "resource": "http://127.0.0.1:8001/mcp",
        "authorization_servers": ["http://127.0.0.1:8002/tenant"],
    }
    assert server == {
        "issuer": "http://127.0.0.1:8002/tenant",
        "authorization_endpoint": "http://127.0.0.1:8003/authorize",
        "token_endpoint": "http://127.0.0.1:8002/token",
        "scopes_supported": [f"{MCP}/read"],
    }
    assert recorder.learnt == [MCP, AUTH, LOGIN]


def test_an_issuer_that_is_not_where_it_was_found_stays_so() -> None:
    recorder = Recorder()
    _, server = recorder.answer(
        recorder.visit(f"{MCP}/.well-known/oauth-authorization-server"),
        JSON,
        {"issuer": "https://workers.example", "authorization_endpoint": f"{MCP}/v1/authorize"},
    )
    assert server["issuer"] == "http://127.0.0.1:8002"
    assert server["authorization_endpoint"] == "http://127.0.0.1:8001/v1/authorize"


def test_metadata_is_where_a_challenge_says_and_where_that_redirects() -> None:
    recorder = Recorder()
    challenge = f'Bearer realm="r", resource_metadata="{AUTH}/meta?a=b", scope="{AUTH}/read"'
    got, _ = recorder.answer(recorder.visit(), {"WWW-Authenticate": challenge}, status=401)
    assert got["WWW-Authenticate"] == (
        f'Bearer realm="r", resource_metadata="http://127.0.0.1:8002/meta?a=b", scope="{AUTH}/read"'
    )
    recorder.answer(recorder.visit(f"{AUTH}/meta?a=b"), {"location": f"{LOGIN}/moved"}, status=302)
    _, document = recorder.answer(recorder.visit(f"{LOGIN}/moved"), JSON, {"resource": MCP})
    assert document == {"resource": "http://127.0.0.1:8001"}


def test_of_a_registration_the_clients_own_urls_stay() -> None:
    recorder = Recorder()
    own = {"redirect_uris": [f"{MCP}/callback"], "client_uri": MCP, "client_id": "c"}
    visit = recorder.visit(f"{MCP}/v1/register", "POST", JSON)
    answered = own | {"registration_client_uri": f"{AUTH}/clients/c"}
    _, got = recorder.answer(visit, JSON, answered, status=201)
    assert got == own | {"registration_client_uri": "http://127.0.0.1:8002/clients/c"}
    _, again = recorder.answer(recorder.visit(f"{AUTH}/clients/c"), JSON, answered)
    assert again == got


@pytest.mark.parametrize(
    ("url", "method", "status", "headers"),
    [
        (f"{MCP}/mcp", "POST", 200, JSON),
        (f"{MCP}/mcp", "POST", 200, STREAM),
        (f"{MCP}/token", "POST", 200, JSON),
        (f"{MCP}/.well-known/oauth-protected-resource", "HEAD", 200, JSON),
        (f"{MCP}/.well-known/oauth-protected-resource", "GET", 404, JSON),
        (f"{MCP}/register", "GET", 200, JSON),
    ],
)
def test_other_bodies_pass(url: str, method: str, status: int, headers: dict[str, str]) -> None:
    recorder = Recorder()
    visit = recorder.visit(url, method)
    assert recorder.rewriter.response_body(visit, status, raw(headers)) is None


def test_a_document_beyond_the_limit_passes_as_it_is() -> None:
    recorder = Recorder()
    visit = recorder.visit(f"{MCP}/.well-known/openid-configuration")
    changing = recorder.rewriter.response_body(visit, 200, raw(JSON))
    assert changing
    document = b'{"issuer": "%b", "a": "%b"}' % (MCP.encode(), b"a" * LIMIT)
    pieces = [document[start : start + 65536] for start in range(0, len(document), 65536)]
    assert b"".join(map(changing.feed, pieces)) + changing.close() == document


def test_the_url_of_an_endpoint_event_is_learnt_and_rewritten() -> None:
    recorder = Recorder()
    visit = recorder.visit(f"{MCP}/sse", headers=MCP_CLIENT)
    changing = recorder.rewriter.response_body(visit, 200, raw(STREAM))
    assert changing
    event = b"event: endpoint\ndata: %b/m?s=1\n\n"
    assert passed(changing, event % AUTH.encode()) == event % b"http://127.0.0.1:8002"


def test_headers_of_https_are_for_nobody_and_known_origins_become_local() -> None:
    recorder = Recorder()
    got, _ = recorder.answer(
        recorder.visit(),
        {
            "strict-transport-security": "max-age=1",
            "Alt-Svc": 'h3=":443"',
            "access-control-allow-origin": MCP,
            "Link": f"<{MCP}/a>; rel=next, <{AUTH}/b>; rel=help",
            "content-location": f"{MCP}/mcp",
            "content-security-policy": f"form-action 'self' {MCP}",
            "x-other": MCP,
        },
    )
    assert got == {
        "access-control-allow-origin": "http://127.0.0.1:8001",
        "Link": f"<http://127.0.0.1:8001/a>; rel=next, <{AUTH}/b>; rel=help",
        "content-location": "http://127.0.0.1:8001/mcp",
        "content-security-policy": "form-action 'self' http://127.0.0.1:8001",
        "x-other": MCP,
    }


# Redirects.


def redirected(recorder: Recorder, visit: Visit, location: str) -> str:
    got, _ = recorder.answer(visit, {"Location": location}, status=307)
    return got["Location"]


def knowing_where_to_authorize() -> Recorder:
    recorder = Recorder(AUTH)
    found = recorder.visit(f"{AUTH}/.well-known/oauth-authorization-server")
    recorder.answer(found, JSON, {"authorization_endpoint": f"{AUTH}/authorize"})
    return recorder


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/mcp/", "/mcp/"),
        ("mcp/?a=b", "mcp/?a=b"),
        (f"{MCP}/mcp/", "http://127.0.0.1:8001/mcp/"),
        ("http://mcp.example/mcp/", "http://127.0.0.1:8002/mcp/"),
        ("https://other.example/mcp", "http://127.0.0.1:8002/mcp"),
        ("//other.example/mcp", "http://127.0.0.1:8002/mcp"),
        (f"{MCP}/?next={MCP}/a#{MCP}", f"http://127.0.0.1:8001/?next={MCP}/a#{MCP}"),
        ("", ""),
        ("https://", "https://"),
    ],
)
def test_redirects_of_mcp_stay_on_the_recorder(location: str, expected: str) -> None:
    recorder = Recorder()
    assert redirected(recorder, recorder.visit(headers=MCP_CLIENT), location) == expected


@pytest.mark.parametrize(
    "headers", [{"mcp-protocol-version": "2025-06-18"}, JSON, {"accept": "text/event-stream"}]
)
def test_a_client_of_mcp_is_known_by_its_headers(headers: dict[str, str]) -> None:
    recorder = Recorder()
    assert redirected(recorder, recorder.visit(headers=headers), AUTH) == "http://127.0.0.1:8002"


@pytest.mark.parametrize("headers", [BROWSER, {"accept": "*/*"}, {}, BROWSER | JSON])
def test_no_origin_is_learnt_from_a_browsers_redirect(headers: dict[str, str]) -> None:
    recorder = Recorder()
    visit = recorder.visit(f"{MCP}/consent", headers=headers)
    login = f"{LOGIN}/?return_to=https%3A%2F%2Fmcp.example%2Fauthorize"
    assert redirected(recorder, visit, login) == login
    assert recorder.learnt == [MCP]


def test_the_authorization_endpoint_is_for_browsers() -> None:
    recorder = knowing_where_to_authorize()
    visit = recorder.visit(AUTH + AUTHORIZE, headers=MCP_CLIENT)
    assert redirected(recorder, visit, LOGIN) == LOGIN
    assert redirected(recorder, visit, f"{AUTH}/consent") == "http://127.0.0.1:8002/consent"


def test_the_clients_redirect_uri_is_its_own_even_on_an_origin_of_the_upstream() -> None:
    recorder = knowing_where_to_authorize()
    recorder.visit(f"{AUTH}/authorize?redirect_uri=https%3A%2F%2Fmcp.example%2Fcallback%3Fa%3Db")
    consent = recorder.visit(f"{AUTH}/consent", "POST", FORM | MCP_CLIENT)
    back = f"{MCP}/callback?a=b&code=1"
    assert redirected(recorder, consent, back) == back
    other = f"{MCP}/callbacks?code=1"
    assert redirected(recorder, consent, other) == "http://127.0.0.1:8001/callbacks?code=1"


def test_a_redirect_uri_is_known_from_a_pushed_request_too() -> None:
    recorder = Recorder()
    visit = recorder.visit(f"{MCP}/par", "POST", FORM)
    recorder.rewriter.request_body(
        visit, b"client_id=c&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
    )
    back = "https://app.example/cb?code=1"
    assert redirected(recorder, recorder.visit(headers=MCP_CLIENT), back) == back
    assert recorder.learnt == [MCP]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "?code=1&iss=https%3A%2F%2Fauth.example%2Ft&state=2",
            "?code=1&iss=http%3A%2F%2F127.0.0.1%3A8002%2Ft&state=2",
        ),
        ("?iss=https://auth.example", "?iss=http://127.0.0.1:8002"),
        ("#code=1&iss=https://auth.example", "#code=1&iss=http://127.0.0.1:8002"),
        ("?iss=https%3A%2F%2Fother.example", "?iss=https%3A%2F%2Fother.example"),
        ("?miss=https://auth.example", "?miss=https://auth.example"),
        ("?state=https://auth.example", "?state=https://auth.example"),
    ],
)
def test_the_issuer_goes_back_to_the_client_as_it_knows_it(query: str, expected: str) -> None:
    recorder = knowing_where_to_authorize()
    visit = recorder.visit(AUTH + AUTHORIZE, headers=BROWSER)
    assert redirected(recorder, visit, CALLBACK + query) == CALLBACK + expected
    app = "cursor://anysphere/callback"
    assert redirected(recorder, visit, app + query) == app + expected


# Bounds.


def test_an_origin_without_a_port_is_left_alone() -> None:
    recorder = Recorder(ports=1)
    document = {"authorization_servers": [AUTH]}
    visit = recorder.visit(f"{MCP}/.well-known/oauth-protected-resource")
    assert recorder.answer(visit, JSON, document)[1] == document


def test_a_document_cannot_have_ports_opened_without_end() -> None:
    recorder = Recorder(ports=1000)
    document = {"authorization_servers": [f"https://{number}.example" for number in range(1000)]}
    recorder.answer(recorder.visit(f"{MCP}/.well-known/oauth-protected-resource"), JSON, document)
    assert len(recorder.learnt) == 64


def test_the_recorders_own_address_is_no_upstream_origin() -> None:
    recorder = Recorder()
    document = {"resource": "http://127.0.0.1:8001/mcp"}
    visit = recorder.visit(f"{MCP}/.well-known/oauth-protected-resource")
    assert recorder.answer(visit, JSON, document)[1] == document
    assert recorder.learnt == [MCP]
