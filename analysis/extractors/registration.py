"""How clients are registered (RFC 7591)."""

from collections.abc import Iterator

from msgspec import UNSET, Raw

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.refusals import refusals, refused
from wiretape.analysis.oauth.sides import sides
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.raw import fields, text
from wiretape.recorder.log.records import Body


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step != "registration" or seen.status is None or 300 <= seen.status < 400:
        return
    given = _fields(seen.body)
    if text(given.get("client_id")) is None:
        yield refused(seen)
        return
    yield Fact(("status", seen.route, seen.status))
    yield Fact(("request", seen.route, tuple(sorted(_fields(seen.request.body)))))
    yield Fact(("fields", seen.route, tuple(sorted(given))))
    yield Fact(("client_secret", seen.route, bool(text(given.get("client_secret")))))
    yield Fact(("auth_method", seen.route, text(given.get("token_endpoint_auth_method"))))


def _fields(body: Body | None) -> dict[str, Raw]:
    return {} if body is None or body.json is UNSET else fields(body.json)


_TOLD = {
    "status": "Status of a successful registration",
    "request": "Fields of successful registration requests",
    "fields": "Fields of registration answers",
    "client_secret": "Whether registration gives a client secret",
    "auth_method": "Client authentication that registration settles",
}


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        for kind, title in _TOLD.items():
            yield from usual(f"{side.prefix}registration.{kind}", title, side.values(facts, kind))
        yield from refusals(facts, side, "registration.error", "Registrations refused")


EXTRACTOR: Extractor = Extractor(
    title="Registration", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
