"""Recordings made from what other tools captured."""
