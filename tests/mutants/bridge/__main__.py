"""Starts a bridge with a mistake: `python -m mutants.bridge NAME -- WORDS`."""

from bridge.__main__ import main
from mutants import bridge
from mutants.mistake import start

if __name__ == "__main__":
    start(bridge, main)
