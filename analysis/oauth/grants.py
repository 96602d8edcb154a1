"""Grants: what may have ended an access token before its time was over.

A refresh ends the older access token at some services; the revocation of a token may end all of its
grant (RFC 7009, section 2.1), and so may the use of a refresh token that was used before (RFC 9700,
section 4.14.2).
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from wiretape.analysis.facts import Fact, Facts, Point
from wiretape.analysis.oauth.tokens import Issue, issue, lineages
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.oauth import parameters

type How = Literal["superseded", "revoked"]


class Ending(NamedTuple):
    """What may have ended a token, between `asked` and `answered`."""

    asked: Point
    answered: Point
    how: How


def granting(seen: Seen) -> Iterator[Fact]:
    """Note what `Grants` asks for, of an exchange that is a step of OAuth."""
    found = issue(seen)
    if found is not None:
        yield Fact(("issued", found.route, found.access, found.refresh), found)
    elif seen.step == "token" and (used := parameters(seen.request.body).get("refresh_token")):
        yield Fact(("refresh refused", used), seen.point, point=seen.asked)
    elif seen.step == "revocation" and 200 <= (seen.status or 200) < 300:
        yield Fact(
            ("revoked", parameters(seen.request.body)["token"]), seen.point, point=seen.asked
        )


class Grants:
    """The grants that were noted, by their access tokens."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._lineages: dict[str, list[Issue]] = {}
        for lineage in lineages(tally.value for _, tally in facts.of("issued")):
            self._lineages |= dict.fromkeys((each.access for each in lineage), lineage)

    def issue(self, access: str, before: Point) -> Issue | None:
        """Give the last issue of a token."""
        issues = [e for e in self._lineages.get(access, ()) if e.access == access]
        return next((each for each in reversed(issues) if each.asked < before), None)

    def ending(self, access: str, before: Point) -> Ending | None:
        """Give the last that may have ended a token before its time, after it was issued."""
        issued = self.issue(access, before)
        start = None if issued is None else issued.answered
        found = [
            ending
            for ending in self._endings(access)
            if ending.asked < before and (start is None or ending.asked > start)
        ]
        return max(found, default=None)

    def _endings(self, access: str) -> Iterator[Ending]:
        lineage = self._lineages.get(access, [])
        used = {each.used: each for each in reversed(lineage) if each.used}
        for each in lineage:
            if each.used:
                yield Ending(each.asked, each.answered, "superseded")
        for token in {access, *used, *(t for e in lineage for t in (e.access, e.refresh) if t)}:
            yield from self._noted("revoked", token)
        for token, first in used.items():
            for again in self._noted("refresh refused", token):
                if first.answered < again.asked:
                    yield again

    def _noted(self, kind: str, token: str) -> Iterator[Ending]:
        tally = self._facts.get(kind, token)
        for sight in () if tally is None else tally.sample:
            yield Ending(sight.point, sight.value, "revoked")
