"""A front that ends TLS, and a server behind it that wants the path spelt otherwise."""

from wiretape.recorder.log.urls import path
from wiretape.replay.fault import Fault, Options, Strike
from wiretape.replay.http.messages import Reply


def _endpoints(strike: Strike[Options]) -> dict[str, str]:
    """Give the MCP endpoints by the other spelling of their paths."""
    known = strike.world.profile.endpoints
    return {_otherwise(path(url)): url for url in (known.mcp, known.sse) if url is not None}


def _otherwise(spelt: str) -> str:
    """Spell a path with a slash at its end, or without."""
    return spelt.removesuffix("/") if spelt.endswith("/") else f"{spelt}/"


def _concerns(strike: Strike[Options]) -> bool:
    posted = strike.role in {"mcp", "sse"} and strike.ask.method == "POST"
    return posted or (strike.role == "other" and strike.ask.path in _endpoints(strike))


def _before(strike: Strike[Options]) -> Reply:
    ask, origins = strike.ask, strike.world.origins
    back = _endpoints(strike).get(ask.path)
    if back is not None:
        return Reply(301, (("location", origins.rewritten(back)),))
    return Reply(307, (("location", origins.plain(ask.site) + _otherwise(ask.path)),))


FAULT = Fault(
    about="transport",
    title="a POST is redirected with 307 to http and another spelling, from there with 301 back",
    finds="clients that make a GET of their POST on the way, or send their token without TLS",
    options=Options,
    concerns=_concerns,
    before=_before,
)
