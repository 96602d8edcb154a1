"""Services that are reached by https."""

import ssl
import stat
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from misbehaving import Client
from peers.processes import environment, finished
from replayed import WIRETAPE, replaying
from wiretape.recorder.log.exchanges import exchanges
from wiretape.recorder.log.reader import read
from wiretape.replay.background import StandIn, replayed
from wiretape.replay.clock import Clock
from wiretape.replay.service import Choices


def trusting(service: StandIn) -> httpx.Client:
    trusted = ssl.create_default_context(cafile=service.env()["SSL_CERT_FILE"])
    return httpx.Client(verify=trusted, trust_env=False, timeout=5)


def test_all_of_oauth_and_mcp_is_https() -> None:
    with replayed("oauth-streamable", tls=True) as service, trusting(service) as http:
        client = Client(service, http)
        client.grant()
        assert client.begin().status_code == 200
        assert urlsplit(service.url).scheme == "https"
        named = [value for value in client.metadata.values() if str(value).startswith("http")]
        assert named
        assert {urlsplit(url).scheme for url in named} == {"https"}


def test_nobody_trusts_it_who_is_not_told_to() -> None:
    with (
        replayed("oauth-streamable", tls=True) as service,
        httpx.Client(trust_env=False, timeout=5) as http,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        http.get(service.url)


def test_the_authority_is_in_a_file_of_the_users_own_while_it_lasts() -> None:
    with replayed("oauth-streamable", tls=True) as service:
        file = Path(service.env()["SSL_CERT_FILE"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert "PRIVATE KEY" not in file.read_text()
    assert not file.parent.exists()


def test_redirects_to_plain_http_are_real_and_lead_back() -> None:
    with replayed("redirects", tls=True) as service, trusting(service) as http:
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
        down = http.post(service.url, json=hello)
        plain = down.headers["location"]
        assert (down.status_code, urlsplit(plain).scheme) == (307, "http")
        back = http.post(plain, json=hello)
        assert (back.status_code, back.headers["location"]) == (301, service.url + "/")
        assert not http.get(back.headers["location"]).is_redirect


def test_a_fault_redirects_to_plain_http_and_back() -> None:
    with replayed("atlassian-2026-09", tls=True) as service, trusting(service) as http:
        service.arm("redirect-chain")
        down = http.post(service.url, json={})
        plain = down.headers["location"]
        assert (down.status_code, urlsplit(plain).scheme) == (307, "http")
        back = http.post(plain, json={})
        assert (back.status_code, back.headers["location"]) == (301, service.url)
        assert http.get(service.url).status_code == 401


def test_a_fault_leads_to_endpoints_without_tls() -> None:
    choices = Choices(issuer="consistent")
    with (
        replayed("atlassian-2026-03", tls=True, choices=choices) as service,
        trusting(service) as http,
    ):
        usual = Client(service, http).metadata
        service.arm("metadata-http")
        found = Client(service, http).metadata
        urls = [key for key, value in usual.items() if str(value).startswith("https://127.")]
        assert {urlsplit(found[key]).scheme for key in urls} == {"http"}
        assert {key for key in usual if usual[key] != found[key]} == {*urls}


def test_tokens_expire_by_https_as_well() -> None:
    clock = Clock(1_700_000_000, rate=0)
    with replayed("oauth-streamable", tls=True, clock=clock) as service, trusting(service) as http:
        client = Client(service, http)
        client.grant()
        assert client.begin().status_code == 200
        clock.advance(client.tokens["expires_in"])
        assert client.begin().status_code == 401


@pytest.mark.timeout(100)
def test_the_command_tells_whom_to_trust_and_the_probe_walks_it(tmp_path: Path) -> None:
    with replaying(tmp_path, "oauth-streamable", "--tls", "--quiet") as (_, url):
        said = (tmp_path / "stderr.txt").read_text()
        ca_file = said.partition("SSL_CERT_FILE=")[2].split()[0]
        probe = (*WIRETAPE, "probe", "--record", "--rate", "50", "--upstream-ca", ca_file)
        finished([*probe, "--out", str(tmp_path), url], environment())
    assert not Path(ca_file).exists()
    (recording,) = tmp_path.glob("*.jsonl")
    with read(recording) as lines:
        found = tuple(exchanges(lines))
    assert len(found) > 5
    assert all(each.request.url.startswith("https://") for each in found if each.request)
