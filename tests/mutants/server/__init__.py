"""Mistakes of the server in `examples/server`."""
