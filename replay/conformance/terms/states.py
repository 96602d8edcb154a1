"""States of OAuth: whether they can be guessed."""

from collections.abc import Sequence

from wiretape.replay.conformance.evidence import Turn
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_ENTROPY = 22
"""Characters of base64 that hold the 128 bits of RFC 6749, 10.10."""


def unguessable(asked: Sequence[Turn]) -> Verdict:
    """Judge requests upstream to authorize by how different and how long their states are.

    Pseudonyms of states are as long as they.
    """
    states = [turn.query.get("state", "") for turn in asked]
    if len(states) < 2:
        return untestable("too few users were sent upstream to authorize")
    shortest, different = min(map(len, states)), len(set(states))
    seen = f"{different} different states in {len(states)} requests, of {shortest} characters"
    return judged(different == len(states) and shortest >= _ENTROPY, seen, *asked)
