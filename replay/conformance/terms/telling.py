"""How a failure of the service is told to users: as an error, by the service's name, in time."""

from wiretape.replay.conformance.evidence import Evidence, Turn

DUE, NAME = "seconds until an answer is due", "what the service is called"
"""Notes of the plays in which a service fails."""


def due(evidence: Evidence) -> float:
    """Give the seconds within which users are to be answered."""
    return evidence.number(DUE)


def wrong(turn: Turn, evidence: Evidence) -> str | None:
    """Say what is wrong with how a failure is told, if anything is."""
    name = next(iter(evidence.noted(NAME)), "")
    if turn.status is None or turn.seconds is None or turn.seconds > due(evidence):
        return f"not answered within {due(evidence):g} s"
    words = f"{turn.text} {turn.location}".lower()
    if turn.status < 400 and "error" not in words:
        return f"answered {turn.status}, not as an error"
    return None if name.lower() in words else f"answered {turn.status}, without naming {name}"
