"""How tokens are refreshed (RFC 6749, section 6), and what becomes of the refresh token used.

A refresh token may be rotated: each answer brings another, and the old one stops working, at once
or when the newer is used first (RFC 9700, section 4.14.2).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wiretape.analysis.concluding.usual import usual
from wiretape.analysis.facts import KEPT, Fact, Facts, Place, Point, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.oauth.sides import Side, sides
from wiretape.analysis.oauth.tokens import (
    Issue,
    answer,
    client_auth,
    encoding,
    issue,
    lineages,
    since,
)
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import text

_AT_ONCE = 60.0
"""Seconds after the first grant within which a refresh is called immediate."""

_NAMES = 32

_ABOUT_THE_TOKEN = "invalid_grant"  # noqa: S105 - the name of an error
"""The one error that says something of the refresh token (RFC 6749, 5.2)."""


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step != "token" or seen.status is None or 300 <= seen.status < 400:
        return
    found = issue(seen)
    if found is not None:
        yield Fact(("issued", seen.route, found.access, found.refresh), found, keep=1)
    asked = parameters(seen.request.body)
    token = asked.get("refresh_token")
    if not token:
        return
    outcome = "failed" if found is None else "worked"
    yield Fact((f"{outcome} encoding", seen.route, encoding(seen)))
    yield Fact((f"{outcome} client_auth", seen.route, client_auth(seen)))
    if found is not None:
        yield Fact(("used", seen.route, token), found)
        yield Fact(("parameters", seen.route, tuple(sorted(asked)[:_NAMES])))
        yield Fact(("rotates", seen.route, found.refresh not in {None, token}))
    elif text(answer(seen).get("error")) == _ABOUT_THE_TOKEN:
        yield Fact(("refused", seen.route, token), seen.asked)


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    for side in sides(scene):
        issues = [tally.value for _, tally in side.of(facts, "issued")]
        used = {token: tally for (token,), tally in side.of(facts, "used")}
        refused = {token: tally for (token,), tally in side.of(facts, "refused")}
        rotates = "Whether a refresh brings a new refresh token"
        names = "Parameters of successful refresh requests"
        for found in (
            _asked(facts, side, "encoding", "Encoding of refresh requests"),
            _asked(facts, side, "client_auth", "Client authentication of refresh requests"),
            usual("refresh.parameters", names, side.values(facts, "parameters")),
            usual("refresh.rotates", rotates, side.values(facts, "rotates")),
            _immediate(lineages(issues), refused),
            _scope_kept(lineages(issues)),
            _old_token(list(_tries(used, refused))),
            _reuse(lineages(issues), used, refused),
        ):
            yield from side.named(found)


def _asked(facts: Facts, side: Side, what: str, title: str) -> Iterator[Finding]:
    """Find what works, or if nothing does what was tried."""
    worked = list(side.values(facts, f"worked {what}"))
    failed = list(side.values(facts, f"failed {what}"))
    refused = [value for value, _ in failed if value not in dict(worked)]
    note = f"refused: {', '.join(refused)}" if refused and worked else None
    if not worked:
        note = "no refresh was granted"
    yield from usual(f"refresh.{what}", title, worked or failed, note=note)


def _immediate(
    grants: Sequence[Sequence[Issue]], refused: Mapping[str, Tally]
) -> Iterator[Finding]:
    """Find whether a refresh works at once; where it was refused it must have worked later."""
    worked, failed = [], []
    for first, *later in grants:
        tally = refused.get(first.refresh or "")
        if first.used is not None:
            continue  # nobody saw when it began
        if later and since(first.answered, later[0].asked) < _AT_ONCE:
            worked.append((first.answered.place, later[0].answered.place))
        elif later and tally and since(first.answered, tally.value) < _AT_ONCE:
            failed.append((first.answered.place, tally.first.place, later[0].answered.place))
    for value, seen in ((True, worked), (False, failed)):
        if seen:
            yield Finding(
                id="refresh.immediate",
                title=f"Whether a refresh works within {_AT_ONCE:.0f} s of the first grant",
                value=value,
                count=len(seen),
                evidence=tuple(place for places in seen[:KEPT] for place in places),
            )
            return


def _scope_kept(grants: Sequence[Sequence[Issue]]) -> Iterator[Finding]:
    changed: list[tuple[Issue, Issue]] = []
    kept: list[tuple[Issue, Issue]] = []
    for grant in grants:
        gave = {each.refresh: each for each in grant if each.refresh}
        for each in grant:
            before = gave.get(each.used or "")
            if before is None or each.narrowed or None in {before.scope, each.scope}:
                continue
            same = {*(before.scope or "").split()} == {*(each.scope or "").split()}
            (kept if same else changed).append((before, each))
    seen = changed or kept
    if seen:
        yield Finding(
            id="refresh.scope_kept",
            title="Whether a refresh keeps the scope",
            value=not changed,
            count=len(seen),
            evidence=tuple(each.answered.place for pair in seen[:KEPT] for each in pair),
        )


class _Try(NamedTuple):
    """A refresh token used once more, so many seconds after it was rotated, and what came of it.

    `late`: the newer one had been used by then.
    """

    worked: bool
    late: bool
    after: float
    places: tuple[Place, ...]


def _tries(used: Mapping[str, Tally], refused: Mapping[str, Tally]) -> Iterator[_Try]:
    """Find the uses of refresh tokens that had been rotated."""
    for token, tally in used.items():
        worked = [sight.value for sight in tally.sample]
        first = worked[0]
        newer = [used[each.refresh].value for each in worked if each.refresh in used]
        since_newer = min((each.answered for each in newer), default=None)
        if first.refresh in {None, token}:
            continue
        failed = refused.get(token)
        uses = [(True, each.asked) for each in worked[1:]]
        uses += [(False, asked) for asked in (failed.values if failed else ())]
        for success, asked in uses:
            if asked > first.answered:
                late = since_newer is not None and asked > since_newer
                points = (first.answered, asked, *((since_newer,) if late else ()))
                places = tuple(sorted(point.place for point in points))
                yield _Try(success, late, since(first.answered, asked), places)


def _old_token(tries: Sequence[_Try]) -> Iterator[Finding]:
    early = {each.worked for each in tries if not each.late}
    late = {each.worked for each in tries if each.late}
    low = high = note = None
    if True in late:
        value = "accepted"
    elif True in early and False in late:
        value = "accepted until the newer is used"
    elif early == {True, False}:
        value = "accepted for a while"
        low = round(max(each.after for each in tries if each.worked), 3)
        high = round(min(each.after for each in tries if not each.worked), 3)
    elif True in early:
        value, note = "accepted", "tried only before the newer was used"
    elif False in early:
        value = "refused"
    elif False in late:
        value, note = "refused", "tried only after the newer had been used"
    else:
        return
    yield Finding(
        id="refresh.old_token",
        title="A refresh token's use after it was rotated",
        value=value,
        unit=None if low is None else "s",
        low=low,
        high=high,
        count=len(tries),
        evidence=tuple(dict.fromkeys(p for each in tries[:KEPT] for p in each.places)),
        note=note,
    )


def _reuse(
    grants: Sequence[Sequence[Issue]], used: Mapping[str, Tally], refused: Mapping[str, Tally]
) -> Iterator[Finding]:
    """Find what the refused use of an old refresh token did to the newer ones of its grant."""
    ended, kept = [], []
    for grant in grants:
        again = _first_reuse(grant, used, refused)
        if again is None:
            continue
        later = [each.asked for each in grant if each.used and each.asked > again]
        kept += [(again.place, point.place) for point in later]
        for token in {each.refresh for each in grant if each.refresh} - used.keys():
            tally = refused.get(token)
            ended += [(again.place, p.place) for p in (tally.values if tally else ()) if p > again]
    seen = kept or ended
    if seen:
        yield Finding(
            id="refresh.reuse",
            title="What the refused use of an old refresh token does to the newer ones",
            value="revokes nothing" if kept else "revokes all",
            count=len(seen),
            evidence=tuple(sorted({place for pair in sorted(seen)[:KEPT] for place in pair})),
        )


def _first_reuse(
    grant: Sequence[Issue], used: Mapping[str, Tally], refused: Mapping[str, Tally]
) -> Point | None:
    """Give when a refresh token of this grant was first refused that had been rotated before."""
    points = [
        asked
        for token in {each.used for each in grant if each.used}
        if (tally := refused.get(token)) is not None
        for asked in tally.values
        if asked > used[token].value.answered
    ]
    return min(points, default=None)


EXTRACTOR: Extractor = Extractor(
    title="Refresh", wants=frozenset({"oauth"}), exchange=_exchange, conclude=_findings
)
