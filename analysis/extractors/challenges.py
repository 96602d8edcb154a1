"""Challenges: how routes refuse whom they do not let in (RFC 9110, 11.6.1; RFC 6750, 3).

Four refusals are told apart, as services do: without a token, with what cannot be a token, with a
token that was never accepted, and with one that an MCP route accepted before, so that it must have
expired or been revoked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from msgspec import UNSET, Struct
from pydantic import JsonValue

from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.analysis.usual import dashed, usual
from wiretape.analysis.values import brief
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Body
from wiretape.recorder.wire.challenge import Challenge, ChallengeError, parse

_TOKEN68 = re.compile(r"[0-9A-Za-z\-._~+/:]+=*")  # RFC 6750, 2.1; some services put colons in
_ERROR_CODE = re.compile(r"[a-z0-9_.-]+")
_CREDENTIALS_IN_BODY = frozenset({"token", "revocation", "introspection"})


class _Refusal(Struct, frozen=True):
    """A refusal: the raw challenges, and the body."""

    challenges: tuple[str, ...]
    body_form: str
    body: JsonValue
    media_type: str | None


def _exchange(seen: Seen) -> Iterator[Fact]:
    status, given = seen.status, seen.given
    if status is None:
        return
    if status in {401, 403} or "www-authenticate" in given:
        challenges = given.all("www-authenticate")
        form = _form(seen)
        body = None if form == "binary" else brief(seen.body)
        refusal = _Refusal(challenges, form, body, given.get("content-type"))
        errors = tuple(challenge.get("error") for challenge in _parsed(challenges)[0])
        kind = (seen.route, seen.method, status, _came_with(seen), _credentials(seen), errors)
        yield Fact(("refused", *kind), refusal)
    elif 200 <= status < 300 and seen.is_mcp:
        credentials = _credentials(seen)
        if credentials is not None:
            yield Fact(("accepted", credentials), keep=1)


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
    return "token" if _TOKEN68.fullmatch(token or "") else "malformed token"


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
    for (route, method, status, came_with, credentials, _), tally in facts.of("refused"):
        accepted = facts.get("accepted", credentials)
        variant = _which(status, tally, accepted) if came_with == "token" else came_with
        found[scene.role(route), method, variant].append((_value(status, tally.value), tally))
    for (role, method, variant), values in sorted(found.items(), key=lambda item: item[0]):
        yield from usual(
            f"challenge.{dashed(role)}.{method}.{variant}",
            f"How {method} requests to {role} are refused: {variant}",
            values,
            note=_note(tally for _, tally in values),
        )


def _which(status: int, refused: Tally, accepted: Tally | None) -> str:
    if status == 403:
        return "token without permission"
    known = accepted is not None and accepted.first.place < refused.last.place
    return "expired token" if known else "bad token"


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
    wants=frozenset({"refused", "bearer"}),
    exchange=_exchange,
    repeats="token",
    conclude=_findings,
)
