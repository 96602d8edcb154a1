"""Requests and replies, without I/O: where they go, what dresses, refuses and streams them."""
