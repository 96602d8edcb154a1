"""mcp-cassette, in an environment of its own."""
# /// script
# requires-python = ">=3.13"
# dependencies = ["mcp-cassette[http]==0.4.0"]
# ///

from mcp_cassette.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
