"""Where the endpoint is: with a slash or without, and behind a proxy that speaks TLS."""

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from wiretape.recorder.log.urls import origin, path
from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_OTHER, _PROXIED, _WINDOW = "the other slash", "behind TLS", "authorization behind TLS"
_KEEPING = {307, 308}
"""Redirects after which a POST is a POST still (RFC 9110, 15.4)."""


async def play(stage: Stage) -> None:
    """Come in either spelling, directly and then as a proxy in front would pass it on."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        stage.step(_OTHER)
        await _both_ways(user, _other(user.url))
        proxied = {"x-forwarded-proto": "https", "x-forwarded-host": urlsplit(user.url).netloc}
        stage.step(_PROXIED)
        user.http.headers.update(proxied)
        for document in ("oauth-protected-resource", "oauth-authorization-server"):
            for at in ("", urlsplit(user.url).path):
                await user.http.get(f"{origin(user.url)}/.well-known/{document}{at}")
        await _both_ways(user, _other(user.url))
        await _both_ways(user, user.url)
        stage.step(_WINDOW)
        user.http.event_hooks = {"request": [_without_tls]}
        with suppress(StuckError):
            await user.browse(await user.authorize(resource=None))


async def _without_tls(request: httpx.Request) -> None:
    """Stop where the browser would come back to the proxy, which is not there."""
    if request.url.scheme == "https":
        raise StuckError("nobody speaks TLS here")


def _other(url: str) -> str:
    return url.removesuffix("/") if url.endswith("/") else f"{url}/"


async def _both_ways(user: Client, url: str) -> None:
    """Call with the session, and come without a token."""
    ping = {"jsonrpc": "2.0", "id": 5, "method": "ping"}
    await user.http.post(url, json=ping, headers=user.headers)
    await user.http.post(url, json=ping, headers={"accept": user.headers["accept"]})


def _slash(evidence: Evidence) -> Verdict:
    tried = endpoint_turns(evidence, _OTHER)
    for turn in tried:
        if not (turn.status == (401 if turn.bearer is None else 200) or _kept(turn)):
            led = f", to {turn.given.get('location')}" if turn.location is not None else ""
            return unmet(f"POST {turn.path} was answered {turn.status}{led}", turn)
    if not tried:
        return untestable("the other spelling of the endpoint was not asked for")
    return met(f"POST {tried[0].path} was answered {tried[0].status}", *tried)


def _kept(turn: Turn) -> bool:
    """Tell whether a redirect leads to the other spelling of the same place, as a POST."""
    if turn.status not in _KEEPING or turn.location is None:
        return False
    same = origin(turn.location) == origin(turn.url)
    return same and path(turn.location).rstrip("/") == turn.path.rstrip("/")


def _location(evidence: Evidence) -> Verdict:
    tried = endpoint_turns(evidence, _PROXIED)
    for turn in tried:
        led = turn.given.get("location") or ""
        if _without_protection(turn, led):
            return unmet(f"{turn.method} {turn.path} redirects from https to {_bare(led)}", turn)
    if not tried:
        return untestable("nothing was asked for as by a proxy that speaks TLS")
    return met("nothing redirects from https to http")


def _urls(evidence: Evidence) -> Verdict:
    turns = evidence.at(_PROXIED).down
    told = [turn for turn in turns if turn.fields or turn.challenges]
    for turn in told:
        for url in (*_texts(turn.fields), *_linked(turn)):
            if _without_protection(turn, url):
                return unmet(
                    f"{turn.path} tells {_bare(url)} although it is reached by https", turn
                )
    if not any(turn.oauth in {"resource metadata", "server metadata"} for turn in told):
        return untestable("no metadata was asked for as by a proxy that speaks TLS")
    return met("all URLs in documents and challenges are https", *told)


def _without_protection(turn: Turn, url: str) -> bool:
    """Tell whether a URL leads by http to where a turn was asked for."""
    return url.startswith("http://") and _place(url) == _place(turn.url)


def _place(url: str) -> str:
    return origin(url).partition("://")[2]


def _linked(turn: Turn) -> Iterator[str]:
    for each in turn.challenges:
        yield from (value for name, value in each.params if name == "resource_metadata")


def _texts(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict | list):
        for each in said.values() if isinstance(said, dict) else said:
            yield from _texts(each)


def _callback(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.at(_WINDOW).up, "authorization"):
        uri = turn.query.get("redirect_uri", "")
        return judged(
            not uri.startswith("http://"), f"users are to come back to {_bare(uri)}", turn
        )
    return untestable("nobody was sent on to authorize as by a proxy that speaks TLS")


def _bare(url: str) -> str:
    return url.partition("?")[0]


_SLASH = Source("learnt in production: a redirect for the slash lost TLS, and the POST became GET")

FAMILY = Family(
    title="The endpoint's place",
    play=play,
    checks=(
        Check(
            id="place.slash",
            title="The endpoint is served with a slash and without",
            severity="seed",
            source=_SLASH,
            remedy="Serve both; or redirect with 307 or 308 to the same scheme and host: clients "
            "refuse others, or make a GET of their POST.",
            judge=_slash,
        ),
        Check(
            id="place.redirect-to-http",
            title="Behind a proxy that speaks TLS nothing redirects to http",
            severity="seed",
            source=_SLASH,
            remedy="Believe X-Forwarded-Proto of the proxy that you trust, or send paths only.",
            judge=_location,
        ),
        Check(
            id="place.https-urls",
            title="Behind a proxy that speaks TLS all URLs in metadata and challenges are https",
            severity="SHOULD",
            source=rfc(8414, "2"),
            remedy="Make URLs of X-Forwarded-Proto and -Host of the proxy that you trust, or of a "
            "public URL that is configured.",
            judge=_urls,
        ),
        Check(
            id="place.https-callback",
            title="Behind a proxy that speaks TLS users come back from the service by https",
            severity="SHOULD",
            source=rfc(6749, "3.1.2.1"),
            remedy="Make the redirect_uri for the service as metadata's URLs are made.",
            judge=_callback,
        ),
    ),
)
