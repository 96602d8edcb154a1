"""Recordings written for other tools to read."""
