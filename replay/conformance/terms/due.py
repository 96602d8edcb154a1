"""Within what time whoever asks is to be answered, whatever is upstream."""

from wiretape.replay.conformance.evidence import Evidence

DUE = "seconds until an answer is due"
"""The name of the note that says so."""


def due(evidence: Evidence) -> float:
    """Give these seconds, as they were noted."""
    return evidence.number(DUE)
