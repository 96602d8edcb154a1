"""Mistakes of the gateway in `examples/gateway`."""
