"""Where paths are redirected to, as they were when it was recorded (RFC 9110, 15.4).

A redirect counts for the spelling that was redirected, even if that is an endpoint's: clients ask
there, and what they make of the answer is what the recording is about.
"""

from urllib.parse import urlsplit

from wiretape.analysis.profile.model import Profile
from wiretape.analysis.profile.values import Redirect
from wiretape.replay.http.messages import Ask, Reply
from wiretape.replay.http.origins import Origins, home

_SAME_HOST = "://…"


def redirected(ask: Ask, profile: Profile, origins: Origins) -> Reply | None:
    """Redirect a request; None if its path is not redirected.

    Nor is one that would be sent back to where it came from: without TLS, what leads from http to
    https leads nowhere else.
    """
    known = _known(ask, profile)
    if known is None:
        return None
    to = _location(known.to, ask.site, origins)
    here = origins.local.get(ask.site, ask.site) + ask.path
    return None if to in {ask.path, here} else Reply(known.status, (("location", to),))


def plain_twin(profile: Profile) -> str | None:
    """Give the origin beside the MCP endpoint's that is http; None if that is http itself."""
    scheme, _, host = home(profile).partition("://")
    return f"http://{host}" if scheme == "https" else None


def onward(path: str, profile: Profile) -> str | None:
    """Give the path of the same host that a path is redirected to, if there is one."""
    known = profile.redirect.get(path)
    if known is None:
        return None
    _, found, rest = known.to.partition(_SAME_HOST)
    return rest if found else known.to if known.to.startswith("/") else None


def _known(ask: Ask, profile: Profile) -> Redirect | None:
    """Find the redirect of a path: by http it may have one of its own."""
    plain = urlsplit(ask.site).scheme == "http"
    named = profile.redirect.get(f"http:{ask.path}") if plain else None
    return named or profile.redirect.get(ask.path)


def _location(to: str, site: str, origins: Origins) -> str:
    """Say where to, as it is called here; `…` stands for the host that was asked."""
    scheme, found, rest = to.partition(_SAME_HOST)
    if not found:
        return origins.rewritten(to)
    named = f"{scheme}://{site.partition('://')[2]}"
    if named in origins.local:
        return origins.local[named] + rest
    return origins.local.get(site, site) + rest
