"""The control API: what tests and people do to services while they run; on a port of its own."""
