"""Lineages of tokens, whatever is done to them, beside a model that keeps their whole history."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from wiretape.replay.oauth.tokens import Fate, Grant, Lineages, Rules

LIFETIME, GRACE = 100, 10
FATES: tuple[Fate, ...] = (
    "refused",
    "accepted",
    "accepted until the newer is used",
    "accepted for a while",
)


@dataclass
class Token:
    """A refresh token: the grant's number, its place in the lineage, when it was used and issued.

    `access` is the access token that came with it.
    """

    grant: int
    place: int
    access: str
    issued: float
    uses: list[float] = field(default_factory=list)


class Machine(RuleBasedStateMachine):
    """Refreshes, reuses, revocations and time, in any order, in several grants at once."""

    refreshes = Bundle("refreshes")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.count = 0
        self.issued: dict[str, Token] = {}
        self.dead: set[int] = set()
        self.revoked: set[str] = set()
        self.grants: list[Grant] = []

    @initialize(
        old=st.sampled_from(FATES), reuse=st.booleans(), rotates=st.booleans(), keeps=st.booleans()
    )
    def begin(self, old: Fate, reuse: bool, rotates: bool, keeps: bool) -> None:
        self.rules = Rules(
            lifetime=LIFETIME,
            rotates=rotates,
            old_token=old,
            grace=GRACE,
            access_survives=keeps,
            reuse_revokes=reuse,
        )
        self.lineages = Lineages(self.rules)

    @rule(target=refreshes)
    def consent(self) -> str:
        self.grants.append(Grant(len(self.grants), "client", "read write"))
        return self._issue(self.grants[-1], None)

    @rule(target=refreshes, used=refreshes)
    def refresh(self, used: str) -> str:
        good = self._good(used)
        grant = self.lineages.spend(used, "client", self.now)
        assert (grant is not None) == good
        token = self.issued[used]
        if grant is None:
            if self.rules.reuse_revokes:
                self.dead.add(token.grant)
            return used
        assert grant.number == token.grant
        token.uses.append(self.now)
        return self._issue(grant, used)

    @rule(used=refreshes)
    def steal(self, used: str) -> None:
        assert self.lineages.spend(used, "another client", self.now) is None

    @rule(used=refreshes)
    def revoke(self, used: str) -> None:
        self.lineages.revoke(used)
        self.dead.add(self.issued[used].grant)

    @rule(used=refreshes)
    def revoke_access(self, used: str) -> None:
        self.lineages.revoke(self.issued[used].access)
        self.revoked.add(self.issued[used].access)

    @rule(seconds=st.sampled_from([1, 9, 10, 99, 100]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def access_tokens_are_worth_what_their_history_says(self) -> None:
        for token in self.issued.values():
            assert (self.lineages.standing(token.access, self.now) == "good") == self._lives(token)

    @invariant()
    def looking_uses_nothing_up(self) -> None:
        for name in self.issued:
            held = self.lineages.renewable(name, self.now)
            assert (held is not None) == self._good(name)

    def _issue(self, grant: Grant, used: str | None) -> str:
        self.count += 1
        rotated = used is None or self.rules.rotates
        name = f"refresh {self.count}" if rotated else used or ""
        place = sum(token.grant == grant.number for token in self.issued.values())
        fresh = f"access {self.count}"
        self.lineages.issue(grant, fresh, name if rotated else None, self.now)
        if rotated:
            self.issued[name] = Token(grant.number, place, fresh, self.now)
        else:
            self.issued[name].access, self.issued[name].issued = fresh, self.now
        return name

    def _good(self, name: str) -> bool:
        token = self.issued[name]
        if token.grant in self.dead:
            return False
        if not self.rules.rotates or self.rules.old_token == "accepted":
            return True
        if self.rules.old_token == "refused":
            return not token.uses
        if self.rules.old_token == "accepted for a while":
            return not token.uses or self.now < token.uses[0] + GRACE
        later = [t for t in self._family(token) if t.place > token.place]
        return not any(other.uses for other in later)

    def _lives(self, token: Token) -> bool:
        if token.grant in self.dead or token.access in self.revoked:
            return False
        newest = max(self._family(token), key=lambda other: other.place)
        superseded = not self.rules.access_survives and token is not newest
        return self.now < token.issued + LIFETIME and not superseded

    def _family(self, token: Token) -> list[Token]:
        return [other for other in self.issued.values() if other.grant == token.grant]


TestLineages = Machine.TestCase
TestLineages.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
