"""How long access tokens live: what the token answer says, and what the service then does.

A token lived at least from its issue to the last request that was accepted with it, and at most to
the first that was refused: no recording tells more. A refusal that comes after its grant was
refreshed or revoked may have that reason, and then bounds nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import Fact, Facts, Place, Point, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth import jwt
from wiretape.analysis.oauth.grants import Ending, Grants, granting
from wiretape.analysis.oauth.sides import Side, sides
from wiretape.analysis.oauth.tokens import Issue, issue, lineages, since
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.urls import origin

_SLACK = 1.0
"""Seconds by which a lifetime may be off: servers count in whole ones."""

_SHOWN = 3
"""How many tokens the evidence shows."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step is not None:
        yield from _oauth(seen)
    elif token := seen.bearer:
        status = seen.status or 0
        if 200 <= status < 300:
            yield Fact(("accepted", token, seen.route), point=seen.asked, keep=1)
        elif status == 401:
            yield Fact(("refused", token, seen.route))


def _oauth(seen: Seen) -> Iterator[Fact]:
    yield from granting(seen)
    if (found := issue(seen)) and found.lifetime is not None:
        yield Fact(("lifetime", seen.route, found.lifetime))


class _Life(NamedTuple):
    """What is known of one token: its last success and its first refusal, if there were any.

    `successor` is the issue by which its grant was refreshed, and `ending` what came last before
    the refusal that may have ended it.
    """

    issue: Issue
    accepted: Point | None
    refused: Point | None
    successor: Issue | None
    ending: Ending | None

    @property
    def low(self) -> float:
        """The least it lived, in seconds."""
        return 0.0 if self.accepted is None else max(0.0, since(self.issue.answered, self.accepted))

    @property
    def high(self) -> float | None:
        """The most it lived."""
        return None if self.refused is None else since(self.issue.asked, self.refused)

    @property
    def due(self) -> bool:
        """Whether the time that was told was over when it was refused."""
        told = self.issue.lifetime
        return told is not None and self.high is not None and self.high >= told - _SLACK

    @property
    def ran_out(self) -> bool:
        """Whether it was refused because its time was over, for all that is known."""
        if self.refused is None or self.ending is None:
            return self.refused is not None
        return self.due and self.accepted is not None and self.accepted > self.ending.answered

    @property
    def outlived(self) -> bool:
        """Whether it was accepted for longer than was told, and no end of its time was seen."""
        told = self.issue.lifetime
        return not self.ran_out and told is not None and self.low > told + _SLACK

    @property
    def replaced(self) -> bool:
        """Whether it was refused after its grant was refreshed, and for no other reason known."""
        return self.ending is not None and self.ending.how == "superseded" and not self.due

    @property
    def survived(self) -> bool:
        """Whether it was accepted after its grant was refreshed."""
        return (
            self.accepted is not None
            and self.successor is not None
            and since(self.successor.answered, self.accepted) > 0
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it was issued, accepted last and refused first."""
        points = (self.issue.answered, self.accepted, self.refused)
        return tuple(point.place for point in points if point is not None)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        issues = [tally.value for _, tally in side.of(facts, "issued")]
        lives = list(_lives(issues, facts, scene))
        for found in (
            _told(facts, side),
            _claimed(issues),
            _observed(lives),
            _after_refresh(lives),
        ):
            yield from side.named(found)


def _told(facts: Facts, side: Side) -> Iterator[Finding]:
    seen = [(_whole(seconds), tally) for seconds, tally in side.values(facts, "lifetime")]
    for found in usual("token.lifetime", "Lifetime that token answers tell", seen):
        yield found.model_copy(update={"unit": "s"})


def _claimed(issues: Sequence[Issue]) -> Iterator[Finding]:
    """Find what tokens that are JWTs say of themselves (RFC 7519, 4.1.4 and 4.1.6)."""
    for each in issues:
        try:
            claims = jwt.read(each.access).claims or {}
        except jwt.JwtError:
            continue
        start, end = claims.get("iat"), claims.get("exp")
        if isinstance(start, int | float) and isinstance(end, int | float):
            yield Finding(
                id="token.lifetime.claimed",
                title="Lifetime that access tokens claim, from `iat` to `exp`",
                value=_whole(end - start),
                unit="s",
                evidence=(each.answered.place,),
            )
            return


def _lives(issues: Sequence[Issue], facts: Facts, scene: Scene) -> Iterator[_Life]:
    accepted, refused = _used(facts, "accepted", scene), _used(facts, "refused", scene)
    grants = Grants(facts)
    times = Counter(each.access for each in issues)
    for lineage in lineages(issues):
        successors = {each.used: each for each in reversed(lineage) if each.used}
        for each in lineage:
            good, bad = accepted.get(each.access, {}), refused.get(each.access, {})
            if times[each.access] > 1:
                continue  # it was given again, and may live anew
            points = (tally.last for tallies in good.values() for tally in tallies)
            last = max((point for point in points if point > each.asked), default=None)
            refusals = (
                point
                for place, tallies in bad.items()
                if place in good
                for tally in tallies
                for point in (*(sight.point for sight in tally.sample), tally.last)
                if last is not None and point > last
            )
            first = min(refusals, default=None)
            yield _Life(
                issue=each,
                accepted=last,
                refused=first,
                successor=successors.get(each.refresh or ""),
                ending=None if first is None else grants.ending(each.access, first),
            )


def _used(facts: Facts, kind: str, scene: Scene) -> dict[str, dict[str, list[Tally]]]:
    """Give what became of tokens at MCP routes, by token and origin."""
    found: dict[str, dict[str, list[Tally]]] = {}
    for (token, route), tally in facts.of(kind):
        if scene.role(route) in {"mcp", "sse", "message"}:
            found.setdefault(token, {}).setdefault(origin(route), []).append(tally)
    return found


def _observed(lives: Sequence[_Life]) -> Iterator[Finding]:
    """Bound the lifetime of the tokens that were told to live equally long, most of all."""
    alike: dict[float | None, list[_Life]] = {}
    for life in lives:
        if life.ran_out or life.outlived:
            alike.setdefault(life.issue.lifetime, []).append(life)
    if not alike:
        return
    advertised, lives = max(alike.items(), key=lambda item: len(item[1]))
    low = max(life.low for life in lives)
    highs = [life.high for life in lives if life.ran_out and life.high is not None]
    high = min(highs, default=None)
    note = "accepted for longer than the token answer told" if high is None else None
    if high is not None and high < low:
        low = min(life.low for life in lives)
        high = max(highs)
        note = "not all tokens lived equally long"
    inside = advertised is not None and low <= advertised <= (high or low)
    yield Finding(
        id="token.lifetime.observed",
        title="Lifetime of access tokens, between the last success and the first refusal",
        value=_whole(advertised if inside and advertised else (low + (high or low)) / 2),
        unit="s",
        low=round(low, 3),
        high=None if high is None else round(high, 3),
        count=len(lives),
        evidence=tuple(place for life in lives[:_SHOWN] for place in life.places),
        note=note,
    )


def _after_refresh(lives: Sequence[_Life]) -> Iterator[Finding]:
    """Find whether an access token is still good when its grant has been refreshed."""
    for outcome, seen in (
        ("accepted", [life for life in lives if life.survived]),
        ("refused", [life for life in lives if life.replaced]),
    ):
        if seen:
            yield Finding(
                id="token.after_refresh",
                title="An access token's use after its grant was refreshed",
                value=outcome,
                count=len(seen),
                evidence=tuple(place for life in seen[:_SHOWN] for place in life.places),
            )
            return


def _whole(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else round(seconds, 3)


EXTRACTOR: Extractor = Extractor(
    title="Token lifetime",
    wants=frozenset({"oauth", "bearer"}),
    exchange=_exchange,
    repeats="token",
    conclude=_findings,
)
