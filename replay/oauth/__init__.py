"""The authorization server that a profile describes."""
