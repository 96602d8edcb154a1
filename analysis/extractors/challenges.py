"""Challenges: how routes refuse whom they do not let in (RFC 9110, 11.6.1; RFC 6750, 3).

The refusals of a token are told apart by what is known of it: nothing, so that it is bad, or that
its time was over, or that it was superseded by a refresh or revoked before. What is forbidden (403)
is so for the page that it comes from, if the service says so or lets the token in without it, else
for want of a permission.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from msgspec import UNSET, Struct
from pydantic import JsonValue

from wiretape.analysis.concluding.usual import dashed, usual
from wiretape.analysis.concluding.values import brief
from wiretape.analysis.facts import Fact, Facts, Point, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.grants import Grants, granting
from wiretape.analysis.oauth.tokens import Issue, since, well_formed
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Body
from wiretape.recorder.log.urls import origin
from wiretape.recorder.wire.challenge import Challenge, ChallengeError, parse

_ERROR_CODE = re.compile(r"[a-z0-9_.-]+")
_OF_THE_ORIGIN = re.compile(r"\borigins?\b", re.IGNORECASE)
_CREDENTIALS_IN_BODY = frozenset({"token", "revocation", "introspection"})


class _Refusal(Struct, frozen=True):
    """A refusal: the raw challenges, and the body."""

    challenges: tuple[str, ...]
    body_form: str
    body: JsonValue
    media_type: str | None


class _Asked(NamedTuple):
    """A kind of request that was refused, and the errors that the challenges name."""

    route: str
    method: str
    status: int
    came_with: str
    credentials: str
    errors: tuple[str | None, ...]
    foreign: bool


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step is not None:
        yield from granting(seen)
    status, given = seen.status, seen.given
    if status is None:
        return
    if status in {401, 403} or "www-authenticate" in given:
        challenges = given.all("www-authenticate")
        form = _form(seen)
        body = None if form == "binary" else brief(seen.body)
        refusal = _Refusal(challenges, form, body, given.get("content-type"))
        errors = tuple(challenge.get("error") for challenge in _parsed(challenges)[0])
        foreign = status == 403 and _foreign(seen)
        came_with = _came_with(seen)
        if foreign and body is not None and _OF_THE_ORIGIN.search(str(body)):
            came_with = "foreign origin"
        kind = (seen.route, seen.method, status, came_with)
        asked = _Asked(*kind, _credentials(seen) or "", errors, foreign)
        yield Fact(("refused", *asked), refusal)
    elif 200 <= status < 300 and seen.is_mcp:
        credentials = _credentials(seen)
        if credentials is not None:
            key = ("accepted", credentials, seen.route, seen.method, _foreign(seen))
            yield Fact(key, point=seen.asked, keep=1)


def _foreign(seen: Seen) -> bool:
    """Tell whether a page of another origin asks, as browsers say (RFC 6454, section 7)."""
    sent = seen.sent.get("origin")
    return sent is not None and sent != origin(seen.url)


def _credentials(seen: Seen) -> str | None:
    """Give the Authorization header, or the token in the URL (RFC 6750, 2.1 and 2.3)."""
    sent = seen.sent.get("authorization")
    if sent is None and "access_token=" in seen.url:
        return seen.parameters.get("access_token")
    return sent


def _came_with(seen: Seen) -> str:
    """Tell what kind of credentials the request came with, if any."""
    if seen.step in _CREDENTIALS_IN_BODY:
        return "client authentication"
    if _credentials(seen) is None:
        return "no token"
    token = seen.bearer if "authorization" in seen.sent else _credentials(seen)
    return "token" if well_formed(token) else "malformed token"


@lru_cache(maxsize=1024)
def _parsed(values: tuple[str, ...]) -> tuple[tuple[Challenge, ...], str | None]:
    try:
        return parse(values), None
    except ChallengeError as error:
        return (), str(error)


def _form(seen: Seen) -> str:
    body = seen.body
    if seen.stream is not None:
        return "event stream"
    if body is None or body.size == 0:
        return "empty"
    if body.json is not UNSET:
        return _json_form(body)
    if body.text is None:
        return "form" if body.form is not None else "binary"
    html = body.text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))
    return "html" if html else "text"


def _json_form(body: Body) -> str:
    found = fields(None if body.json is UNSET else body.json)
    if "jsonrpc" in found:
        return "json-rpc"
    return "oauth-json" if _ERROR_CODE.fullmatch(text(found.get("error")) or "") else "json"


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    found: dict[tuple[str, str, str], list[tuple[JsonValue, Tally]]] = defaultdict(list)
    tokens = _Tokens(facts)
    origins = {origin(route) for route in scene.played}
    for kind, tally in facts.of("refused"):
        asked = _Asked(*kind)
        if origins and origin(asked.route) not in origins:
            continue
        variant = tokens.which(asked, tally) if asked.came_with == "token" else asked.came_with
        value = _value(asked.status, tally.value)
        found[scene.role(asked.route), asked.method, variant].append((value, tally))
    for (role, method, variant), values in sorted(found.items(), key=lambda item: item[0]):
        yield from usual(
            f"challenge.{dashed(role)}.{method}.{variant}",
            f"How {method} requests to {role} are refused: {variant}",
            values,
            note=_note(tally for _, tally in values),
        )


class _Tokens:
    """What is known of tokens: when they were accepted, and what became of their grants."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._grants = Grants(facts)
        self._accepted: dict[str, list[Point]] = defaultdict(list)
        for (credentials, *_), tally in facts.of("accepted"):
            self._accepted[credentials] += (tally.first, tally.last)

    def which(self, asked: _Asked, refused: Tally) -> str:
        """Tell why a token was refused."""
        if asked.status == 403:
            return "foreign origin" if self._for_its_origin(asked) else "token without permission"
        accepted = self._accepted.get(asked.credentials, [])
        points = [*(sight.point for sight in refused.sample), refused.last]
        if accepted:
            points = [point for point in points if point > min(accepted)]
        if not points:
            return "bad token"
        first = min(points)
        return self._fate(asked.credentials, [point for point in accepted if point < first], first)

    def _for_its_origin(self, asked: _Asked) -> bool:
        kind = (asked.credentials, asked.route, asked.method)
        return (
            asked.foreign
            and self._facts.get("accepted", *kind, False) is not None
            and self._facts.get("accepted", *kind, True) is None
        )

    def _fate(self, credentials: str, accepted: list[Point], refused: Point) -> str:
        token = credentials.rpartition(" ")[2]
        issue, ending = self._grants.issue(token, refused), self._grants.ending(token, refused)
        if issue is not None and _ran_out(issue, accepted, refused):
            return "expired token"
        if ending is not None:
            return f"{ending.how} token"
        return "expired token" if accepted else "bad token"


def _ran_out(issue: Issue, accepted: list[Point], refused: Point) -> bool:
    """Tell whether the time that was told was over, and kept: no later use was accepted."""
    told = issue.lifetime
    if told is None or since(issue.answered, refused) < told:
        return False
    return all(since(issue.answered, point) <= told for point in accepted)


def _value(status: int, refusal: _Refusal) -> JsonValue:
    return {
        "status": status,
        "challenges": [_challenge(each) for each in _parsed(refusal.challenges)[0]],
        "raw": ", ".join(refusal.challenges) or None,
        "body_form": refusal.body_form,
        "body": refusal.body,
        "media_type": refusal.media_type,
    }


def _challenge(challenge: Challenge) -> JsonValue:
    params: JsonValue = {name: challenge.get(name) for name, _ in challenge.params}
    value = {"scheme": challenge.scheme, "params": params}
    return value if challenge.token68 is None else value | {"token68": challenge.token68}


def _note(tallies: Iterator[Tally]) -> str | None:
    unread = (_parsed(refusal.challenges)[1] for tally in tallies for refusal in tally.values)
    return next((f"WWW-Authenticate cannot be read: {error}" for error in unread if error), None)


EXTRACTOR: Extractor = Extractor(
    title="Challenges",
    wants=frozenset({"refused", "bearer", "oauth"}),
    exchange=_exchange,
    repeats="token",
    conclude=_findings,
)
