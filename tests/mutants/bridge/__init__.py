"""Mistakes of the bridge in `examples/bridge`."""
