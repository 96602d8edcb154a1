"""Starts a gateway with a mistake: `python -m mutants.gateway NAME -- WORDS`."""

from gateway.__main__ import main
from mutants import gateway
from mutants.mistake import start

if __name__ == "__main__":
    start(gateway, main)
