"""Reverse mode: upstream servers at local addresses, for clients that take no proxy."""
