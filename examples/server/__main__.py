"""Starts the server: `python -m server --listen 127.0.0.1:8080`."""

import sys
from pathlib import Path

from wiretape.cli import main

SERVICE = Path(__file__).with_name("service.toml")


def serve() -> None:
    """Bring the profile to life, as what the command line says besides."""
    sys.argv[1:] = ["replay", str(SERVICE), "--issuer", "consistent", *sys.argv[1:]]
    main()


if __name__ == "__main__":
    serve()
