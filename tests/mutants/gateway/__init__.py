"""Mistakes of the gateway in `examples/gateway`."""

LATER = (
    "callback.*",
    "disconnect.*",
    "failures.*",
    "reconnect.*",
    "redirects.*",
    "refresh.*",
    "requests.*",
    "secrets.*",
    "tools.*",
    "users.*",
)
"""Checks that cannot be judged if nobody can connect."""
