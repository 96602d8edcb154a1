"""What the token endpoint answers, and how clients ask it for their first tokens.

The answers are those of RFC 6749, sections 5.1 and 5.2; `Cache-Control: no-store` must be with them
(section 5.1).
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.refusals import refusals, refused
from wiretape.analysis.oauth.sides import sides
from wiretape.analysis.oauth.tokens import answer, client_auth, encoding, issue
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import text

_NAMES = 32


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step != "token" or seen.status is None or 300 <= seen.status < 400:
        return
    found, given = issue(seen), answer(seen)
    if found is None:
        yield refused(seen)
        return
    asked = parameters(seen.request.body)
    if asked.get("grant_type") != "refresh_token":
        yield Fact(("client_auth", seen.route, client_auth(seen)))
        yield Fact(("encoding", seen.route, encoding(seen)))
        yield Fact(("parameters", seen.route, tuple(sorted(asked)[:_NAMES])))
    yield Fact(("type", seen.route, text(given.get("token_type"))))
    yield Fact(("scope", seen.route, found.scope))
    yield Fact(("fields", seen.route, tuple(sorted(given))))
    yield Fact(("cache_control", seen.route, seen.given.get("cache-control")))


_TOLD = {
    "token.type": "Token type, as spelt in token answers",
    "token.scope": "Scope that token answers grant",
    "token.answer.fields": "Fields of token answers",
    "token.answer.cache_control": "`Cache-Control` of token answers",
    "token.client_auth": "Client authentication of successful code exchanges",
    "token.encoding": "Encoding of successful code exchanges",
    "token.parameters": "Parameters of successful code exchanges",
}


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        for id_, title in _TOLD.items():
            seen = side.values(facts, id_.rpartition(".")[2])
            yield from usual(side.prefix + id_, title, seen)
        yield from refusals(facts, side, "token.error", "Token requests refused")


EXTRACTOR: Extractor = Extractor(
    title="Token answers", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
