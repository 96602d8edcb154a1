"""Starts a client with a mistake: `python -m mutants.client NAME -- URL`."""

from client.__main__ import main

from mutants import client
from mutants.mistake import start

if __name__ == "__main__":
    start(client, main)
