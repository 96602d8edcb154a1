"""The gateway's configuration: what it may say, and how mistakes are told."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SettingsError
from gateway.settings import read
from gatewaying import CALLBACK, SECRET, configured
from peers.forking import forked
from peers.processes import ROOT, environment

ENV = {
    "WIRETAPE_URL": "https://mcp.example/mcp/",
    "WIRETAPE_AUTHORIZATION_URL": "https://auth.example/authorize",
    "WIRETAPE_TOKEN_URL": "https://auth.example/oauth/token",
    "WIRETAPE_RESOURCES_URL": "https://api.example/sites",
}


def written(folder: Path, configuration: Any) -> Path:
    path = folder / "gateway.json"
    path.write_text(json.dumps(configuration))
    return path


def test_what_is_configured_is_taken_as_it_is(tmp_path: Path) -> None:
    secret = 'with "quotes" and \\'
    path = written(tmp_path, configured(ENV, cloud_id="a-cloud-id"))
    server = read(path, {"GATEWAY_SECRET": secret})["atlassian"]
    assert server.url == ENV["WIRETAPE_URL"]
    assert server.oauth_config.client_secret.get_secret_value() == secret
    assert server.oauth_config.cloud_id_header_name == "X-Atlassian-Cloud-Id"
    assert server.connect_url == CALLBACK.replace("callback", "authorize")
    assert secret not in repr(server)


def test_sites_are_listed_where_atlassian_does(tmp_path: Path) -> None:
    path = written(tmp_path, configured(ENV, oauth_config={"resources_url": None}))
    server = read(path, {"GATEWAY_SECRET": SECRET})["atlassian"]
    expected = "https://api.atlassian.com/oauth/token/accessible-resources"
    assert server.resources_url == expected


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"transport": "sse"}, "transport: Input should be 'streamable-http'"),
        ({"url": "mcp.example"}, "url: Value error, must be an http or https URL"),
        ({"unknown": 1}, "unknown: Extra inputs are not permitted"),
        ({"oauth_config": {"client_id": ""}}, "client_id: String should have at least 1 char"),
        ({"oauth_config": {"client_secret": "${NOT_SET}"}}, "no variable NOT_SET"),
        ({"oauth_config": {"cloud_id_header_name": "Accept"}}, "has another meaning"),
        ({"oauth_config": {"redirect_uri": 7}}, "redirect_uri: Input should be a valid string"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(
    tmp_path: Path, other: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, configured(ENV, **other))
    with pytest.raises(SettingsError) as refused:
        read(path, {"GATEWAY_SECRET": SECRET})
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"mcpServers": {}}', "\ud800"])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gateway.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(SettingsError):
        read(path, {})


def test_the_servers_beside_the_gateway_need_an_id_and_a_secret_only() -> None:
    given = {"ATLASSIAN_CLIENT_ID": "an-id", "ATLASSIAN_CLIENT_SECRET": SECRET}
    server = read(ROOT / "examples/gateway/servers.json", given)["atlassian"]
    assert server.oauth_config.client_id == "an-id"
    assert server.resources_url == "https://api.atlassian.com/oauth/token/accessible-resources"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--config", "missing.json"], "missing.json: cannot be read: No such file"),
        (["--database", "mysql://h/db"], "must be postgresql://… or sqlite:///…"),
        (["--database", "sqlite://"], "the database: "),
        (["--database", "sqlite:///gateway.json"], "the database: "),
        (["--database", "postgresql://127.0.0.1:1/db"], "the database: "),
        (["--key-file", "open.key"], "open.key: others can read this key"),
    ],
)
def test_a_gateway_that_cannot_start_says_why(
    tmp_path: Path, options: list[str], said: str
) -> None:
    written(tmp_path, configured(ENV))
    (tmp_path / "open.key").write_text("x")
    (tmp_path / "open.key").chmod(0o644)
    command = [*forked("gateway"), "--config", "gateway.json", *options]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment() | {"GATEWAY_SECRET": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
