import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.log import urls

URL = "https://mcp.example.com/v1/sse?a=1&b=x%20y&a=2#f"


def test_parts() -> None:
    assert urls.origin(URL) == "https://mcp.example.com"
    assert urls.path(URL) == "/v1/sse"
    assert urls.endpoint(URL) == "https://mcp.example.com/v1/sse"
    assert urls.query(URL) == {"a": "2", "b": "x y"}
    assert urls.join(URL, "/v1/message?s=1") == "https://mcp.example.com/v1/message?s=1"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://h:80/", "http://h"),
        ("https://h:443", "https://h"),
        ("https://h:80", "https://h:80"),
        ("HTTPS://H/", "https://h"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("http://user:word@h/", "http://h"),
        ("http://h:99999/", "http://h:99999"),
        ("http://[broken/", "://"),
    ],
)
def test_equal_origins_are_written_alike(url: str, origin: str) -> None:
    assert urls.origin(url) == origin


TEXTS = st.text() | st.text(alphabet="htp:/[]?#@%&=1\t.")


@given(TEXTS, TEXTS)
def test_no_text_raises(url: str, reference: str) -> None:
    for part in (urls.origin, urls.path, urls.endpoint, urls.query):
        part(url)
    urls.join(url, reference)
