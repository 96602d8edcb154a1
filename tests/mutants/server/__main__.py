"""Starts a server with a mistake: `python -m mutants.server NAME -- WORDS`."""

from server.__main__ import serve

from mutants import server
from mutants.mistake import start

if __name__ == "__main__":
    start(server, serve)
