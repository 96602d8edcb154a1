"""Redirects, which count for the spelling that was redirected."""

from typing import Any

import pytest

from replayed import Caller, header, shipped
from wiretape.analysis.profile.model import Profile
from wiretape.recorder.log.urls import origin, path
from wiretape.replay.http.messages import Ask
from wiretape.replay.http.origins import Origins
from wiretape.replay.http.redirects import redirected

HELLO = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}


def chain(mcp: str, **redirects: Any) -> Caller:
    redirect = {
        path: {"status": status, "to": to, "scheme_downgrade": to.startswith("http:")}
        for path, (status, to) in redirects.items()
    }
    known = {"name": "slash", "endpoints": {"mcp": mcp}, "redirect": redirect}
    return Caller(Profile.model_validate(known))


def location(caller: Caller, url: str) -> tuple[int, str | None]:
    reply = caller.post_json(url, HELLO)
    return reply.status, header(reply, "location")


def test_an_endpoint_that_redirects_does() -> None:
    caller = chain("https://example.com/mcp", **{"/mcp": (307, "/mcp/")})
    assert location(caller, "https://example.com/mcp") == (307, "/mcp/")
    assert location(caller, "https://example.com/mcp/") == (200, None)


def test_where_it_leads_to_is_the_endpoint_too() -> None:
    caller = chain("https://example.com/mcp", **{"/mcp": (307, "http://…/mcp/")})
    assert location(caller, "https://example.com/mcp") == (307, "http://127.0.0.1:5001/mcp/")
    assert location(caller, "https://example.com/mcp/") == (200, None)


def test_without_tls_nothing_leads_to_itself() -> None:
    there, back = (307, "http://…/mcp/"), (301, "https://…/mcp/")
    caller = chain("https://example.com/mcp", **{"/mcp": there, "/mcp/": back})
    assert location(caller, "https://example.com/mcp") == (307, "http://127.0.0.1:5001/mcp/")
    assert location(caller, "https://example.com/mcp/") == (200, None)


def test_elsewhere_is_elsewhere() -> None:
    caller = chain("https://example.com/mcp", **{"/mcp": (302, "https://other.example/mcp")})
    assert location(caller, "https://example.com/mcp") == (302, "https://other.example/mcp")


@pytest.mark.parametrize(
    ("url", "status", "to"),
    [
        ("https://example.com/mcp", 307, "http://127.0.0.1:2/mcp/"),
        ("http://example.com/mcp", 301, "https://127.0.0.1:1/mcp"),
        ("http://example.com/mcp/", 301, "https://127.0.0.1:1/mcp/"),
        ("https://example.com/mcp/", None, None),
    ],
)
def test_with_tls_schemes_are_told_apart(url: str, status: int | None, to: str | None) -> None:
    caller = chain(
        "https://example.com/mcp",
        **{
            "/mcp": (307, "http://…/mcp/"),
            "http:/mcp": (301, "https://…/mcp"),
            "/mcp/": (301, "https://…/mcp/"),
        },
    )
    both = {
        "https://example.com": "https://127.0.0.1:1",
        "http://example.com": "http://127.0.0.1:2",
    }
    ask = Ask(origin(url), "POST", path(url))
    found = redirected(ask, caller.profile, Origins(both))
    assert (found and (found.status, header(found, "location"))) == (status and (status, to))


def test_the_recorded_chain_reaches_its_endpoint() -> None:
    caller = Caller(shipped("redirects"))
    endpoint = caller.profile.endpoints.mcp or ""
    status, to = location(caller, endpoint)
    assert (status, to) == (307, "http://127.0.0.1:5001/mcp/")
    assert location(caller, endpoint + "/")[0] == 200
