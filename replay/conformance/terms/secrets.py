"""Secrets where they do not belong: in texts that were recorded, and in the target's log.

In a recording equal secrets have equal pseudonyms.
"""

from collections.abc import Iterable
from urllib.parse import quote

from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

IN_LOG, SEARCHED = "in the log", "looked for in the log"
"""Notes of plays: what a secret was that is in the log, and how much was looked for."""

LONG = 12
"""Characters that a text has at least to be looked for: a shorter one may be there by chance."""


def within(secret: Iterable[str], *texts: str) -> bool:
    """Tell whether one of the secrets is in one of the texts, as it is or as in a URL."""
    return any(each in text or quote(each, "") in text for text in texts for each in secret)


def told(turn: Turn) -> list[str]:
    """Give all that an answer tells: its body or events, and its headers."""
    response = turn.exchange.response
    return [turn.text, *(value for _, value in (() if response is None else response.headers))]


def in_log(evidence: Evidence) -> Verdict:
    """Judge by the notes of who looked whether no secret is in the target's log."""
    found = evidence.noted(IN_LOG)
    for searched in evidence.noted(SEARCHED):
        return judged(not found, f"looked for {searched}: " + (", ".join(found) or "none is there"))
    return untestable("nobody looked at the log")
