"""Mistakes of the gateway in `examples/gateway`."""

LATER: tuple[str, ...] = ()
"""Checks that cannot be judged if nobody can connect."""
