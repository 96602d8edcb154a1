"""What token endpoints give, and how they were asked (RFC 6749, sections 2.3, 5 and 6)."""

import re
from collections.abc import Iterable
from math import isfinite
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET, Raw

from wiretape.analysis.facts import Point
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import fields, text

type Encoding = Literal["form", "json", "other"]
type ClientAuth = Literal[
    "none", "client_secret_basic", "client_secret_post", "private_key_jwt", "other"
]

_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/:]+=*")
_NUMBER = msgspec.json.Decoder(float, strict=False)


def well_formed(token: str | None) -> bool:
    """Tell whether it may be an access token (RFC 6750, 2.1; some services put colons in)."""
    return token is not None and _TOKEN68.fullmatch(token) is not None


class Issue(NamedTuple):
    """A token answer: what it gave, and the refresh token that it was given for, if for one.

    `lifetime` is what it says of the access token, in seconds. Between `asked` and `answered` the
    tokens were made, at the endpoint `route`.
    """

    route: str
    access: str
    refresh: str | None
    used: str | None
    scope: str | None
    narrowed: bool
    lifetime: float | None
    asked: Point
    answered: Point


def issue(seen: Seen) -> Issue | None:
    """Read a successful token answer; nothing of anything else."""
    given = answer(seen)
    access = text(given.get("access_token"))
    if not access or seen.answered is None:
        return None
    asked = parameters(seen.request.body)
    return Issue(
        route=seen.route,
        access=access,
        refresh=text(given.get("refresh_token")) or None,
        used=asked.get("refresh_token"),
        scope=text(given.get("scope")),
        narrowed="scope" in asked,
        lifetime=_number(given.get("expires_in")),
        asked=seen.asked,
        answered=seen.answered,
    )


def answer(seen: Seen) -> dict[str, Raw]:
    """Give the fields of a token endpoint's answer, each raw; none if it is another exchange."""
    body = seen.body if seen.step == "token" else None
    return {} if body is None or body.json is UNSET else fields(body.json)


def lineages(issues: Iterable[Issue]) -> list[list[Issue]]:
    """Sort issues into grants: each was got with a refresh token of one before, or began one."""
    found: list[list[Issue]] = []
    by_refresh: dict[str, list[Issue]] = {}
    for each in sorted(issues, key=lambda issue: issue.answered.place):
        lineage = by_refresh.get(each.used or "")
        if lineage is None:
            lineage = []
            found.append(lineage)
        lineage.append(each)
        for token in (each.used, each.refresh):
            if token:
                by_refresh[token] = lineage
    return found


def encoding(seen: Seen) -> Encoding:
    """Tell how the request's body is written; RFC 6749, appendix B, wants a form."""
    body = seen.request.body
    if body is None:
        return "other"
    return "form" if body.form is not None else "other" if body.json is UNSET else "json"


def client_auth(seen: Seen) -> ClientAuth:
    """Tell how the client authenticated, by the names of RFC 7591, section 2."""
    scheme = (seen.sent.get("authorization") or "").partition(" ")[0].lower()
    asked = parameters(seen.request.body)
    if scheme:
        return "client_secret_basic" if scheme == "basic" else "other"
    if asked.get("client_assertion"):
        return "private_key_jwt"
    return "client_secret_post" if asked.get("client_secret") else "none"


def since(start: Point, end: Point) -> float:
    """Give the seconds between two points, by the steady clock if one recording has both."""
    if start.place.recording == end.place.recording:
        return end.t - start.t
    return (end.at - start.at).total_seconds()


def _number(raw: Raw | None) -> float | None:
    """Read a number, which some services write as a text."""
    try:
        number = None if raw is None else _NUMBER.decode(raw)
    except ValueError:
        return None
    return number if number is not None and isfinite(number) else None
