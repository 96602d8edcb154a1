"""What becomes of a code's tokens when the code is used once more.

RFC 6749, 4.1.2: the server must refuse it, and should revoke all tokens that it gave for it.
"""

from collections.abc import Iterator

from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.sides import Side, sides
from wiretape.analysis.oauth.tokens import Issue, answer, issue, since
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import text

_SHOWN = 3
_SOON = 60.0
"""So many seconds after the reuse, a refusal is taken for its consequence."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step == "token":
        code = parameters(seen.request.body).get("code")
        if code and (found := issue(seen)) is not None:
            yield Fact(("exchanged", seen.route, code), found, keep=1)
        elif code and text(answer(seen).get("error")) == "invalid_grant":
            yield Fact(("refused code", code), keep=1)
    elif seen.step is None and (token := seen.bearer):
        status = seen.status or 0
        if 200 <= status < 300:
            yield Fact(("accepted", token, seen.route), point=seen.asked, keep=1)
        elif status == 401:
            yield Fact(("refused", token, seen.route), point=seen.asked, keep=1)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        yield from side.named(_reuse(side, facts, scene))


def _reuse(side: Side, facts: Facts, scene: Scene) -> Iterator[Finding]:
    accepted, refused = _uses(facts, "accepted", scene), _uses(facts, "refused", scene)
    kept, ended = [], []
    for (code,), tally in side.of(facts, "exchanged"):
        first: Issue = tally.value
        again = facts.get("refused code", code)
        if again is None or again.last < first.answered:
            continue
        shown = (first.answered.place, again.last.place)
        kept += [
            (*shown, used.last.place)
            for used in accepted.get(first.access, ())
            if used.last > again.last
        ]
        ended += [
            (*shown, used.first.place)
            for used in refused.get(first.access, ())
            if 0 < since(again.last, used.first) < _SOON
        ]
    seen = kept or ended
    if seen:
        yield Finding(
            id="code.reuse",
            title="What the refused use of a code does to the tokens that it was exchanged for",
            value="revokes nothing" if kept else "revokes all",
            count=len(seen),
            evidence=tuple(sorted({place for places in seen[:_SHOWN] for place in places})),
        )


def _uses(facts: Facts, kind: str, scene: Scene) -> dict[str, list[Tally]]:
    """Give where MCP accepted each token, or refused it."""
    found: dict[str, list[Tally]] = {}
    for (token, route), tally in facts.of(kind):
        if scene.speaks_mcp(route):
            found.setdefault(token, []).append(tally)
    return found


EXTRACTOR: Extractor = Extractor(
    title="Codes",
    wants=frozenset({"oauth", "bearer"}),
    exchange=_exchange,
    repeats="token",
    conclude=_findings,
)
