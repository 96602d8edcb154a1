"""The moments in the life of a grant's tokens, in order."""

from collections.abc import Iterator
from typing import NamedTuple

from wiretape.analysis.facts import Place
from wiretape.analysis.picture import Issue, Lineage

_ROTATION = {True: ", the refresh token is new", False: ", the refresh token stays", None: ""}


class Moment(NamedTuple):
    """Something that happened to a token, `t` seconds after the recording's start.

    `place` is where it stands, or where what it follows from does.
    """

    t: float
    token: str
    what: str
    place: Place


def moments(lineage: Lineage) -> list[Moment]:
    """Tell a lineage as moments."""
    told = [moment for issue in lineage.issues for moment in _of_issue(issue)]
    for refusal in lineage.refusals:
        error = f" {refusal.error}" if refusal.error else ""
        status = refusal.status or "no response"
        what = f"refused to {_by(refusal.by)}: {status}{error}"
        told.append(Moment(refusal.t, "", what, refusal.place))
    return sorted(told, key=lambda moment: moment.t)


def _of_issue(issue: Issue) -> Iterator[Moment]:
    what = f"issued by {_by(issue.by)}{_ROTATION[issue.rotated]}"
    yield Moment(issue.t, issue.token, what, issue.place)
    uses = list(issue.evidence)
    if issue.first_success is not None and issue.last_success is not None:
        yield Moment(issue.first_success, issue.token, "first accepted", uses[0])
        if issue.last_success > issue.first_success:
            yield Moment(issue.last_success, issue.token, "last accepted", uses[1])
    if issue.expires_in is not None:
        at = issue.t + issue.expires_in
        after = issue.first_refusal is not None or (issue.last_success or 0) > at
        if after:
            yield Moment(at, issue.token, "expires, as it was said", issue.place)
    if issue.first_refusal is not None:
        yield Moment(issue.first_refusal, issue.token, "first refused: 401", uses[-1])


def _by(grant_type: str) -> str:
    return grant_type.replace("_", " ") or "a request without grant type"
