"""Mistakes of the gateway in `examples/gateway`."""

LATER = ("callback.*", "reconnect.*", "refresh.*", "requests.*", "users.*")
"""Checks that cannot be judged if nobody can connect."""
