"""How a failure of the service is told to users: as an error, by the service's name, in time."""

from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.terms.due import due

NAME = "what the service is called"
"""A note of the plays in which a service fails."""


def wrong(turn: Turn, evidence: Evidence) -> str | None:
    """Say what is wrong with how a failure is told, if anything is."""
    name = next(iter(evidence.noted(NAME)), "")
    if turn.status is None or turn.seconds is None or turn.seconds > due(evidence):
        return f"not answered within {due(evidence):g} s"
    words = f"{turn.text} {turn.location or ''}".lower()
    if turn.status < 400 and "error" not in words:
        return f"answered {turn.status}, not as an error"
    return None if name.lower() in words else f"answered {turn.status}, without naming {name}"
