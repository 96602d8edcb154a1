"""Origins in texts: one for one, in every spelling, and nothing else."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiretape.recorder.capture.reverse.origins import (
    Origin,
    Origins,
    local,
    origin_of,
    upstream,
)
from wiretape.recorder.errors import UsageError

HOST = "127.0.0.1"
MCP = Origin("https", "mcp.example", 443)
AUTH = Origin("https", "auth.mcp.example", 8443)
PLAIN = Origin("http", "mcp.example", 80)
SIX = Origin("http", "[2001:db8::1]", 9000)
KNOWN = {MCP: 8484, AUTH: 49152, PLAIN: 49153, SIX: 49154}


def known() -> Origins:
    origins = Origins()
    for origin, port in KNOWN.items():
        origins.add(origin, port)
    return origins


ORIGINS = known()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://mcp.example", "http://127.0.0.1:8484"),
        ("https://mcp.example/v1/sse?a=b#c", "http://127.0.0.1:8484/v1/sse?a=b#c"),
        ("HTTPS://MCP.Example:443/v1", "http://127.0.0.1:8484/v1"),
        ("http://mcp.example/", "http://127.0.0.1:49153/"),
        ("https://auth.mcp.example:8443/x", "http://127.0.0.1:49152/x"),
        ("http://[2001:DB8::1]:9000/x", "http://127.0.0.1:49154/x"),
        ('<https://mcp.example/a>; rel="next"', '<http://127.0.0.1:8484/a>; rel="next"'),
        (r"https:\/\/mcp.example\/a", r"http:\/\/127.0.0.1:8484\/a"),
        ("r=https%3A%2F%2Fmcp.example%2Fa", "r=http%3A%2F%2F127.0.0.1%3A8484%2Fa"),
        ("r=https%3a%2f%2fmcp.example", "r=http%3a%2f%2f127.0.0.1%3a8484"),
        ("n%3Dhttps%253A%252F%252Fmcp.example", "n%3Dhttp%253A%252F%252F127.0.0.1%253A8484"),
        ("u=http%3A%2F%2F%5B2001%3Adb8%3A%3A1%5D%3A9000", "u=http%3A%2F%2F127.0.0.1%3A49154"),
    ],
)
def test_an_upstream_origin_becomes_the_local_one(text: str, expected: str) -> None:
    assert ORIGINS.to_client(text, HOST) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://mcp.example.org/",
        "https://mcp.example./",
        "https://notmcp.example/",
        "https://mcp.example:8443/",
        "https://mcp.example:44300/",
        "https://mcp.example:4430000/",
        "https://mcp.example:x/",
        "https://mcp.example@evil.example/",
        "https://mcp.example:443@evil.example/",
        "https://mcp.example%40evil.example/",
        "https%3A%2F%2Fmcp.example%40evil.example",
        "https%3A%2F%2Fmcp.example:8443",
        "https://auth.mcp.example/",
        "https://mcp.examplé/",
        "xhttps://mcp.example/",
        "com.app+https://mcp.example/",
        "https://proxy.example/https://mcp.example/",
        "mcp.example",
        "//mcp.example/",
        "https:/mcp.example/",
    ],
)
def test_anything_else_stays(text: str) -> None:
    assert ORIGINS.to_client(text, HOST) == text


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", "http://localhost:8484/"), ("[::1]", "http://[::1]:8484/")],
)
def test_a_local_origin_is_called_what_the_client_calls_the_recorder(
    host: str, expected: str
) -> None:
    assert ORIGINS.to_client("https://mcp.example/", host) == expected
    assert ORIGINS.to_upstream(expected, host) == "https://mcp.example/"


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8765/callback",
        "http://localhost:8484/",
        "https://127.0.0.1:8484/",
        "http://127.0.0.1:84840/",
        "http://127.0.0.1/",
    ],
)
def test_only_local_origins_become_upstream_ones(text: str) -> None:
    assert ORIGINS.to_upstream(text, HOST) == text


def test_of_a_url_only_its_beginning_may_change() -> None:
    url = "https://mcp.example/login?to=https://mcp.example/"
    assert ORIGINS.url_to_client(url, HOST) == (
        "http://127.0.0.1:8484/login?to=https://mcp.example/"
    )
    assert ORIGINS.url_to_client(f" {url}", HOST) == f" {url}"


@pytest.mark.parametrize("origin", [*KNOWN, Origin("http", "a.example", 443)])
def test_an_origin_reads_as_it_is_written(origin: Origin) -> None:
    assert origin_of(f"{origin}/path") == origin


@pytest.mark.parametrize("url", ["", "/mcp", "//mcp.example", "https://h:0", "https://h:65536"])
def test_what_has_no_origin(url: str) -> None:
    assert origin_of(url) is None


def test_an_ipv6_address_gets_its_brackets() -> None:
    assert str(local("::1", 8484)) == "http://[::1]:8484"


@pytest.mark.parametrize(
    ("url", "origin", "rest"),
    [
        ("https://mcp.example", MCP, ""),
        ("HTTPS://mcp.example:443/", MCP, "/"),
        ("https://mcp.example/v1/sse?key=a#b", MCP, "/v1/sse?key=a"),
        ("http://[2001:db8::1]:9000/mcp", SIX, "/mcp"),
    ],
)
def test_the_users_url(url: str, origin: Origin, rest: str) -> None:
    assert upstream(url) == (origin, rest)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mcp.example",
        "ftp://mcp.example",
        "https://",
        "https:///mcp",
        "https://mcp.example:99999/",
        "https://mcp.example:port/",
        "https://mcp.example/a b",
        "https://mcp.example/\n",
        " https://mcp.example/",
    ],
)
def test_a_bad_url_is_one_line(url: str) -> None:
    with pytest.raises(UsageError, match=r"--reverse .*such as") as raised:
        upstream(url)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@mcp.example/v1/sse",
        "https://user:s3cret%40mcp.example/",
        "https://s3cret@mcp.example",
        "https://user:s3c/ret@mcp.example",
        "https:/user:s3cret@mcp.example",
        "user:s3cret@mcp.example",
    ],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--reverse: .*without user and password") as raised:
        upstream(url)
    assert "s3c" not in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def plain(text: str) -> str:
    return text


def in_json(text: str) -> str:
    return text.replace("/", "\\/")


def encoded(text: str) -> str:
    return quote(text, safe="")


def encoded_twice(text: str) -> str:
    return encoded(encoded(text))


WORDS = st.text(
    st.characters(codec="latin-1", exclude_characters=["@", ":"]) | st.sampled_from("/?&=%\"'<> "),
    max_size=12,
).filter(lambda text: "127.0.0.1" not in text)
PATHS = st.sampled_from(["", "/", "/a", '"', "?b=c", " and", "&d=e", "#f", ","])
SPELLINGS = st.sampled_from([plain, in_json, encoded, encoded_twice])
URLS = st.builds(
    lambda spelling, origin, path: spelling(f"{origin}{path}"),
    SPELLINGS,
    st.sampled_from([*KNOWN, Origin("https", "other.example", 443)]),
    PATHS,
)
TEXTS = st.lists(st.one_of(WORDS, URLS), max_size=8).map(" ".join)


@given(TEXTS, st.sampled_from([HOST, "localhost", "[::1]"]))
def test_what_went_to_the_client_comes_back_as_it_was(text: str, host: str) -> None:
    assert ORIGINS.to_upstream(ORIGINS.to_client(text, host), host) == text


@given(TEXTS)
def test_nothing_changes_but_origins(text: str) -> None:
    """Taking all spellings of all origins out, before and after, leaves the same."""

    def without(text: str, origins: list[str]) -> str:
        spelt = (s(origin) for origin in origins for s in (plain, in_json, encoded, encoded_twice))
        for spelling in sorted(spelt, key=len, reverse=True):
            text = text.replace(spelling, "§")
        return text

    local_ones = [f"http://{HOST}:{port}" for port in KNOWN.values()]
    changed = ORIGINS.to_client(text, HOST)
    assert without(changed, local_ones) == without(text, [str(origin) for origin in KNOWN])
