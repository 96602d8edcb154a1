"""What a command finds in its environment when its client takes no proxy."""

import pytest

from wiretape.recorder.capture.client import reverse_environment

URL = "http://127.0.0.1:8484/mcp"


def test_a_command_finds_the_url_and_no_proxy() -> None:
    assert reverse_environment({"HOME": "/home"}, URL) == {"HOME": "/home", "WIRETAPE_URL": URL}


@pytest.mark.parametrize(
    ("base", "passed_by"),
    [
        ({"HTTP_PROXY": "http://proxy"}, "127.0.0.1"),
        ({"https_proxy": "http://proxy", "NO_PROXY": "a,b"}, "a,b,127.0.0.1"),
        ({"ALL_PROXY": "socks5://proxy", "no_proxy": "a"}, "a,127.0.0.1"),
    ],
)
def test_the_users_proxy_is_passed_by(base: dict[str, str], passed_by: str) -> None:
    expected = base | {"WIRETAPE_URL": URL, "NO_PROXY": passed_by, "no_proxy": passed_by}
    assert reverse_environment(base, URL) == expected
