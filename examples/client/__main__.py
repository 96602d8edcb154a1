"""Walks an MCP server: `python -m client URL`."""

import sys

import httpx

from client import FailedError
from client.session import Session


def main() -> None:
    """Walk; says what there is, or what went wrong."""
    with httpx.Client(timeout=30) as http:
        try:
            print("\n".join(Session(sys.argv[1], http).walk()))
        except (FailedError, httpx.HTTPError) as error:
            sys.exit(f"client: {error}")


if __name__ == "__main__":
    main()
