"""How clients ask for authorization, and how the service answers (RFC 6749, section 4.1).

PKCE is RFC 7636, `resource` RFC 8707, `iss` in the answer RFC 9207.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from wiretape.analysis.commonest import commonest
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.refusals import redirected, refusals, refused
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.oauth import location, parameters
from wiretape.recorder.log.urls import query


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step == "callback":
        yield from _answer(seen, "arrived", {**seen.parameters, **parameters(seen.request.body)})
    elif seen.step == "authorization":
        if seen.parameters.keys() >= {"response_type", "client_id"}:
            yield from _asked(seen.parameters)
            yield from _status(seen)
        yield from _answer(seen, "answer", query(location(seen.exchange) or ""))


def _status(seen: Seen) -> Iterator[Fact]:
    if seen.status is not None:
        yield Fact(("status", seen.status))
        if seen.status >= 400:
            yield refused(seen)


def _answer(seen: Seen, kind: str, given: dict[str, str]) -> Iterator[Fact]:
    if "state" in given and "code" in given:
        yield Fact((kind, tuple(sorted(given))))
    elif kind == "answer" and "error" in given:
        yield redirected(seen, given)


def _asked(asked: dict[str, str]) -> Iterator[Fact]:
    method = asked.get("code_challenge_method", "plain")  # RFC 7636, 4.3
    scope = tuple(sorted(set(asked.get("scope", "").split())))
    yield Fact(("pkce", method if asked.get("code_challenge") else None))
    yield Fact(("resource", "resource" in asked))
    yield Fact(("state", bool(asked.get("state"))))
    yield Fact(("scope", scope))
    yield Fact(("offline_access", "offline_access" in scope))
    yield Fact(("redirect_uri", _kind(asked.get("redirect_uri"))))
    yield Fact(("parameters", tuple(sorted(asked))))


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


def _findings(facts: Facts, _: Scene) -> Iterator[Finding]:
    for kind, title in _TOLD.items():
        yield from commonest(f"authorization.{kind}", title, facts.of(kind))
    answers = list(facts.of("answer")) or facts.of("arrived")
    title = "Parameters that come back with the code"
    yield from commonest("authorization.answer", title, answers)
    yield from refusals(facts, "authorization.error", "Authorization refused")


EXTRACTOR: Extractor = Extractor(
    title="Authorization", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
