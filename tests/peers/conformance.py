"""The official conformance suite (modelcontextprotocol/conformance), in two versions."""

from peers.environments import node_program
from peers.processes import PEERS

VERSIONS = ("0.1", "0.2")


def conformance(version: str) -> list[str]:
    """Give the command of a version of the suite."""
    entry = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    return list(node_program(PEERS / f"conformance-{version}", entry))
