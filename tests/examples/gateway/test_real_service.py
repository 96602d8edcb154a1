"""The gateway in front of the real mcp-atlassian: each user comes through as themselves."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from gatewaying import Gatewayed, configured, gateway_process, serviced
from peers.jira_imitation import CALLERS, ISSUE
from peers.servers import serve

TOOLS = 98
"""How many tools mcp-atlassian 0.23.1 has."""


@pytest.mark.parametrize("slash", ["", "/"])
def test_users_are_themselves_at_mcp_atlassian(
    tmp_path: Path, httpserver: HTTPServer, slash: str
) -> None:
    """Tokens are issued by hand, as those that the imitation of Jira knows."""
    codes = {f"code-of-{name}": token for token, name in CALLERS.items()}

    def issue(request: Request) -> Response:
        assert request.form["client_secret"]
        token = codes[request.form["code"]]
        return Response(f'{{"access_token": "{token}"}}', content_type="application/json")

    httpserver.expect_request("/token", method="POST").respond_with_handler(issue)
    httpserver.expect_request("/sites").respond_with_json([{"id": "a-cloud-id"}])
    with serviced() as unused, serve("atlassian") as service:
        env = {
            "WIRETAPE_URL": service.url + slash,
            "WIRETAPE_AUTHORIZATION_URL": "https://auth.example/authorize",
            "WIRETAPE_TOKEN_URL": httpserver.url_for("/token"),
            "WIRETAPE_RESOURCES_URL": httpserver.url_for("/sites"),
        }
        with gateway_process(tmp_path, configured(env), env={}) as (url, log):
            gateway = Gatewayed(url, log, unused)
            for name in CALLERS.values():
                state = parse_qs(urlsplit(gateway.wish(name)).query)["state"][0]
                told = {"code": f"code-of-{name}", "state": state}
                assert gateway.back(name, told).status_code == 200
            for name in CALLERS.values():
                assert len(gateway.tools(name).json()["tools"]) == TOOLS
                found = gateway.user(name).post("/tools/jira_get_issue", json={"issue_key": ISSUE})
                assert not found.json()["isError"], found.text
                assert name in found.json()["content"][0]["text"]
            gateway.close()
