"""The client under record: its environment, and how it ends."""

import asyncio
import sys
from pathlib import Path

import pytest

from wiretape.recorder.capture.client import proxy_environment, reverse_environment, run
from wiretape.recorder.errors import UsageError

PROXY = "http://127.0.0.1:8484"
BUNDLE = Path("/somewhere/ca-bundle.pem")


def test_every_common_client_finds_the_proxy_and_its_authorities():
    environment = proxy_environment({"PATH": "/bin"}, PROXY, BUNDLE)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        assert environment[name] == PROXY
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert environment[name] == str(BUNDLE)
    assert environment["NODE_USE_ENV_PROXY"] == "1"
    assert environment["PATH"] == "/bin"


def test_no_host_is_excepted():
    inherited = {"NO_PROXY": "localhost", "no_proxy": "*", "ALL_PROXY": "socks5://proxy.example"}
    environment = proxy_environment(inherited, PROXY, BUNDLE)
    assert not {"NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"} & environment.keys()


def test_in_reverse_mode_a_client_goes_to_the_recorder_past_a_proxy_of_the_users():
    environment = reverse_environment({"HTTPS_PROXY": PROXY}, "http://127.0.0.1:1/mcp")
    assert environment["WIRETAPE_URL"] == "http://127.0.0.1:1/mcp"
    assert environment["HTTPS_PROXY"] == PROXY
    assert environment["NO_PROXY"] == environment["no_proxy"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137),
    ],
)
def test_the_exit_code_is_the_commands(script: str, code: int):
    assert asyncio.run(run([sys.executable, "-c", script], {})) == code


def test_a_command_that_cannot_be_run_is_named():
    with pytest.raises(UsageError, match="no-such-command: cannot be run: No such file"):
        asyncio.run(run(["no-such-command"], {}))
