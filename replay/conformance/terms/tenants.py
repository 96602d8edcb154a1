"""Whose tokens are whose: grants followed from exchange to exchange, with the sites they open."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.terms import grants


@dataclass
class Tenants:
    """Grants by their tokens, each a number from the exchange of its code on, and their sites.

    Tokens are as the recording has them: equal ones are equal there, too.
    """

    grant: dict[str, int] = field(default_factory=dict)
    sites: dict[int, frozenset[str]] = field(default_factory=dict)

    def of(self, turn: Turn) -> int | None:
        """Give the grant whose access token came with a request."""
        return None if turn.bearer is None else self.grant.get(turn.bearer)


def tenants(turns: Iterable[Turn]) -> Tenants:
    """Follow the grants through the turns of one side."""
    found = Tenants()
    told = sorted((turn for turn in turns if turn.status == 200), key=lambda turn: turn.lines[1])
    for turn in told:
        if grants.token(turn) is not None and turn.oauth == "token":
            _issued(found, turn)
        elif turn.method == "GET":
            _listed(found, turn)
    return found


def _issued(found: Tenants, turn: Turn) -> None:
    spent = turn.parameters.get("refresh_token") or ""
    number = found.grant.get(spent, len(set(found.grant.values())))
    for kind in ("access_token", "refresh_token"):
        token = grants.token(turn, kind)
        if token is not None:
            found.grant[token] = number


def _listed(found: Tenants, turn: Turn) -> None:
    """Take in an answer that lists the sites which a token opens (Atlassian's OAuth 2.0, 3LO)."""
    number = found.of(turn)
    listed = turn.answer if isinstance(turn.answer, list) else []
    ids = [each.get("id") for each in listed if isinstance(each, dict)]
    if number is not None and ids:
        found.sites[number] = frozenset(each for each in ids if isinstance(each, str))
