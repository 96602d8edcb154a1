"""Clients by hand, which can do what a library would not."""
