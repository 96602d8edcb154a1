"""How clients ask for authorization, and how the service answers (RFC 6749, section 4.1).

PKCE is RFC 7636, `resource` RFC 8707, `iss` in the answer RFC 9207.
"""

from collections.abc import Hashable, Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.refusals import redirected, refusals, refused
from wiretape.analysis.oauth.sides import sides
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import location, parameters
from wiretape.recorder.log.urls import query


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step == "authorization" and seen.parameters.keys() >= _ASKED:
        for kind, value in _asked(seen.parameters):
            yield Fact((kind, seen.route, value))
        if seen.status is not None:
            yield Fact(("status", seen.route, seen.status))
        if (seen.status or 0) >= 400:
            yield refused(seen)
    elif seen.step == "callback":
        arrived = {**seen.parameters, **parameters(seen.request.body)}
        if "code" in arrived:
            yield Fact(("arrived", seen.route, tuple(sorted(arrived))))
    if seen.step in {"authorization", "callback"}:
        yield from _answer(seen)


def _asked(asked: dict[str, str]) -> Iterator[tuple[str, Hashable]]:
    method = asked.get("code_challenge_method", "plain")  # RFC 7636, 4.3
    scope = tuple(sorted(set(asked.get("scope", "").split())))
    yield "pkce", method if asked.get("code_challenge") else None
    yield "resource", "resource" in asked
    yield "state", bool(asked.get("state"))
    yield "scope", scope
    yield "offline_access", "offline_access" in scope
    yield "redirect_uri", _kind(asked.get("redirect_uri"))
    yield "parameters", tuple(sorted(asked))


def _answer(seen: Seen) -> Iterator[Fact]:
    """Note where the browser is sent back to, with a code or an error."""
    given = query(location(seen.exchange) or "")
    if "state" in given and "code" in given:
        yield Fact(("answer", seen.route, tuple(sorted(given))))
    elif "error" in given:
        yield redirected(seen, given)


def _kind(redirect_uri: str | None) -> str | None:
    """Tell of which kind a redirect URI is (RFC 8252, section 7)."""
    try:
        parts = urlsplit(redirect_uri or "")
        host = parts.hostname or ""
    except ValueError:
        return "other"
    if not parts.scheme:
        return None
    if parts.scheme not in {"http", "https"}:
        return "custom-scheme"
    if host == "localhost":
        return "localhost"
    try:
        return "loopback-ip" if ip_address(host).is_loopback else parts.scheme
    except ValueError:
        return parts.scheme


_ASKED = {"response_type", "client_id"}
_TOLD = {
    "pkce": "PKCE method of authorization requests",
    "resource": "Whether authorization requests name a `resource`",
    "state": "Whether authorization requests have a `state`",
    "scope": "Scopes that authorization requests ask for",
    "offline_access": "Whether authorization requests ask for `offline_access`",
    "redirect_uri": "Kind of redirect URI in authorization requests",
    "parameters": "Parameters of authorization requests",
    "status": "Status of the answers to authorization requests",
}


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        area = f"{side.prefix}authorization"
        for kind, title in _TOLD.items():
            yield from usual(f"{area}.{kind}", title, side.values(facts, kind))
        answers = list(side.values(facts, "answer")) or side.values(facts, "arrived")
        yield from usual(f"{area}.answer", "Parameters that come back with the code", answers)
        yield from refusals(facts, side, "authorization.error", "Authorization refused")


EXTRACTOR: Extractor = Extractor(
    title="Authorization", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
