"""Compares two services: how one differs from the other, whom that breaks, and what mends it."""
